"""The Markdown page of an isolation run. Pure."""

from .figures import Figure
from .isolation_figures import PHASES, bad, held, isolation_bars, phase, requests
from .report import NONE, cell, disturbed, machine, table


def count(value: int | None) -> str:
    return NONE if value is None else f"{value:,}"


def isolation_report(raw: dict) -> str:
    s, titles = raw["settings"], raw["titles"]
    rounds = "1 round" if s["rounds"] == 1 else f"{s['rounds']} rounds"
    parts = [f"# Isolation, side by side, {raw['date']}"]
    if raw["partial"]:
        parts.append("**A quick or partial run. Its figures are not a result.**")
    if disturbed(raw):
        parts.append("**The machine was not left alone: see the end. Do not compare these figures with others.**")
    parts += [
        f"Three nginx cells behind each router. {s['healthy_rate']} requests/s go to cells 1 and 2, {s['sick_rate']}/s to cell 3, by an open loop "
        "that never gives up and opens as many connections as it needs. "
        f"After {s['before']} s all processes of cell 3 are stopped (`kill -STOP`: the kernel goes on accepting, nobody answers), "
        f"after {s['hanging']} s more they go on (`kill -CONT`). {rounds}, the routers taking turns, each started anew and warmed up. "
        "Every figure is the median of the rounds, and in parentheses the lowest.",
        "## Bars",
        table(["Bar (medians)", "asked", "measured", "verdict"], [[b.name, b.asked, b.measured, b.state] for b in isolation_bars(raw)]),
        "## Clients of the healthy cells",
        healthy(raw, titles),
        "## Clients of the cell that hangs",
        "A fast refusal is what they can be given: *failed* are answers other than 200, broken connections, and what was not answered "
        "15 s after the end. *Open at once* is what the router held for them at most.",
        sick(raw, titles),
    ]
    if raw["failed"]:
        parts += ["## What failed or was left out", "\n".join(f"- {line}" for line in raw["failed"])]
    parts += ["## Machine and versions", machine(raw["machine"], raw)]
    return "\n\n".join(parts) + "\n"


def healthy(raw: dict, titles: dict) -> str:
    head = ["Router", "before: p50 ms", "p99 ms", "hanging: p50 ms", "p99 ms", "highest ms", "after: p99 ms", "failed: before", "hanging", "after"]
    rows = []
    for key, title in titles.items():
        of = lambda name, p: cell(phase(raw, key, "healthy", name, "latency", p), 1e-3)
        row = [title, of("before", "p50"), of("before", "p99"), of("hanging", "p50"), of("hanging", "p99")]
        row += [highest(phase(raw, key, "healthy", "hanging", "latency", "max")), of("after", "p99")]
        rows.append(row + [count(bad(raw, key, "healthy", name)) for name in PHASES])
    return table(head, rows)


def sick(raw: dict, titles: dict) -> str:
    head = ["Router", "while it hangs: requests", "failed", "p50 ms", "highest ms", "after: failed", "open at once"]
    rows = []
    for key, title in titles.items():
        of = lambda p: phase(raw, key, "sick", "hanging", *p)
        rows.append([
            title, count(requests(raw, key, "sick", "hanging")), count(bad(raw, key, "sick", "hanging")),
            cell(of(("latency", "p50")), 1e-3), highest(of(("latency", "max"))), count(bad(raw, key, "sick", "after")),
            NONE if (most := held(raw, key)) is None else f"{most.high:,.0f}",
        ])
    return table(head, rows)


def highest(f: Figure | None) -> str:
    """Of all rounds."""
    return NONE if f is None else f"{f.high * 1e-3:,.0f}" if f.high >= 10_000 else f"{f.high * 1e-3:.1f}"

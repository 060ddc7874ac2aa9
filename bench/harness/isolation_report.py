"""The Markdown page of an isolation run. Pure."""

from .figures import Figure
from .isolation_figures import PHASES, bad, held, isolation_bars, phase, requests
from .report import NONE, bar_table, cell, page, partial_run, rounds_of, table_of_routers


def count(value: int | None) -> str:
    return NONE if value is None else f"{value:,}"


def isolation_report(raw: dict) -> str:
    s = raw["settings"]
    return page(raw, "Isolation, side by side", partial_run(raw), [
        f"Three nginx cells behind each router. {s['healthy_rate']} requests/s go to cells 1 and 2, {s['sick_rate']}/s to cell 3, by an open loop "
        "that never gives up and opens as many connections as it needs. "
        f"After {s['before']} s all processes of cell 3 are stopped (`kill -STOP`: the kernel goes on accepting, nobody answers), "
        f"after {s['hanging']} s more they go on (`kill -CONT`). {rounds_of(raw)}, the routers taking turns, each started anew and warmed up. "
        "Every figure is the median of the rounds, and in parentheses the lowest.",
        "## Bars",
        bar_table("Bar (medians)", isolation_bars(raw)),
        "## Clients of the healthy cells",
        healthy(raw),
        "## Clients of the cell that hangs",
        "A fast refusal is what they can be given: *failed* are answers other than 200, broken connections, and what was not answered "
        "15 s after the end. *Open at once* is what the router held for them at most.",
        sick(raw),
    ])


def healthy(raw: dict) -> str:
    head = ["Router", "before: p50 ms", "p99 ms", "hanging: p50 ms", "p99 ms", "highest ms", "after: p99 ms", "failed: before", "hanging", "after"]

    def row(key: str) -> list[str]:
        of = lambda name, p: cell(phase(raw, key, "healthy", name, "latency", p), 1e-3)
        found = [of("before", "p50"), of("before", "p99"), of("hanging", "p50"), of("hanging", "p99")]
        found += [highest(phase(raw, key, "healthy", "hanging", "latency", "max")), of("after", "p99")]
        return found + [count(bad(raw, key, "healthy", name)) for name in PHASES]

    return table_of_routers(raw, head, row)


def sick(raw: dict) -> str:
    head = ["Router", "while it hangs: requests", "failed", "p50 ms", "highest ms", "after: failed", "open at once"]

    def row(key: str) -> list[str]:
        of = lambda p: phase(raw, key, "sick", "hanging", *p)
        return [
            count(requests(raw, key, "sick", "hanging")), count(bad(raw, key, "sick", "hanging")),
            cell(of(("latency", "p50")), 1e-3), highest(of(("latency", "max"))), count(bad(raw, key, "sick", "after")),
            NONE if (most := held(raw, key)) is None else f"{most.high:,.0f}",
        ]

    return table_of_routers(raw, head, row)


def highest(f: Figure | None) -> str:
    """Of all rounds."""
    return NONE if f is None else f"{f.high * 1e-3:,.0f}" if f.high >= 10_000 else f"{f.high * 1e-3:.1f}"

"""The Markdown report of a run. Pure: it shows what the raw result holds and measures nothing."""

from collections.abc import Callable, Iterable

from .figures import LEVELS, Bar, Figure, added_p99, bars, dig, errors, over_rounds, peak_rss, saturated, start_up

NONE = "–"


def number(value: float) -> str:
    if abs(value) >= 100:
        return f"{value:,.0f}"
    return f"{value:.1f}" if abs(value) >= 10 else f"{value:.2f}"


def cell(f: Figure | None, scale: float = 1.0) -> str:
    """Median, and the lowest of the rounds in parentheses."""
    if f is None:
        return NONE
    return f"{number(f.median * scale)} ({number(f.low * scale)})"


def table(head: list[str], rows: list[list[str]]) -> str:
    lines = ["| " + " | ".join(head) + " |", "|---" + "|---:" * (len(head) - 1) + "|"]
    lines += ["| " + " | ".join(row) + " |" for row in rows]
    return "\n".join(lines)


def table_of_routers(raw: dict, head: list[str], row: Callable[[str], list[str]]) -> str:
    """A row for each router: its title, and what `row` says of its key."""
    return table(head, [[title, *row(key)] for key, title in raw["titles"].items()])


def rounds_of(raw: dict) -> str:
    count = raw["settings"]["rounds"]
    return "1 round" if count == 1 else f"{count} rounds"


def page(raw: dict, title: str, no_result: str | None, body: list[str]) -> str:
    """What every page has around its body: title, warnings, what failed, the machine."""
    parts = [f"# {title}, {raw['date']}"]
    if no_result:
        parts.append(f"**{no_result} Its figures are not a result.**")
    if disturbed(raw):
        parts.append("**The machine was not left alone: see the end. Do not compare these figures with others.**")
    parts += body
    if raw["failed"]:
        parts += ["## What failed or was left out", "\n".join(f"- {line}" for line in raw["failed"])]
    parts += ["## Machine and versions", machine(raw["machine"], raw)]
    return "\n\n".join(parts) + "\n"


def partial_run(raw: dict) -> str | None:
    """What the page of a run of its own warns of."""
    return "A quick or partial run." if raw["partial"] else None


def report(raw: dict) -> str:
    s, titles = raw["settings"], raw["titles"]
    no_result = None
    if s["quick"]:
        no_result = "A quick run: a smoke test of the benchmark."
    elif s["rounds"] < 3 or s["other_start"] or s.get("latency_only") or len(titles) < 5:
        no_result = "A partial run: too few rounds, not all loads or routers, or this router not started from its runtime."
    parts = [
        f"{rounds_of(raw)}, the routers taking turns in each. Every cell of a table is the median of the "
        "rounds, and in parentheses the lowest. Requests go through the router to one of the same three nginx "
        "cells; load generator, router and cells share the machine's cores. What is compared, and what is not "
        "quite fair, is told in [bench/README.md](../README.md)."
    ]
    parts += ["## Bars", bar_table("Bar (medians)", bars(raw))]
    parts += ["## Throughput and latency, closed loop", closed(raw)]
    parts += [
        "## Cost",
        "CPU time is user and system of the router's processes while under load, divided by the requests. "
        "Resident memory is the highest seen after a load, with no limit set.",
        cost(raw),
    ]
    parts += [
        f"## Latency at a constant {s['rate']:,} requests/s, open loop",
        "Counted from the moment a request was meant to be sent. *Added* is the p99 less the p99 of the direct "
        "path to a cell, measured with the same generator right before.",
        constant(raw, titles),
    ]
    parts += [
        "## Start",
        f"Milliseconds from exec to the first 200 (health endpoint) and to the first routed 200; "
        f"{s['starts']} start{'s' if s['starts'] > 1 else ''} each, pinned to one core and to two.",
        starts(raw, [*titles, "plain"]),
    ]
    parts += ["## Memory in a limit", memory(raw, titles)]
    if raw.get("size"):
        z = raw["size"]
        parts += [
            "## Size of the runtime",
            f"{z['disk_mb']:.1f} MB on disk, {z['gzip_mb']:.1f} MB as a layer (tar, gzip -6).",
        ]
    return page(raw, "Side-by-side benchmark", no_result, parts)


def bar_table(name: str, found: list[Bar]) -> str:
    return table([name, "asked", "measured", "verdict"], [[b.name, b.asked, b.measured, b.state] for b in found])


def closed(raw: dict) -> str:
    head = ["Router"]
    for level in LEVELS:
        unit = "connection" if level == "1" else "connections"
        head += [f"{level} {unit}: requests/s", "p50 ms", "p99 ms", "p99.9 ms"]

    def row(key: str) -> list[str]:
        cells = []
        for level in LEVELS:
            cells.append(cell(over_rounds(raw, key, "closed", level, "requests_per_s")))
            cells += [cell(over_rounds(raw, key, "closed", level, p), 1e-3) for p in ("p50", "p99", "p99.9")]
        return cells

    return table_of_routers(raw, head, row)


def cost(raw: dict) -> str:
    head = ["Router", "CPU µs a request, 1", "64", "256", "resident MB", "errors, all loads and rounds"]

    def row(key: str) -> list[str]:
        count = errors(raw, key)
        cpu = [cell(over_rounds(raw, key, "closed", level, "cpu_us")) for level in LEVELS]
        return [*cpu, cell(peak_rss(raw, key)), NONE if count is None else str(count)]

    return table_of_routers(raw, head, row)


def constant(raw: dict, titles: dict) -> str:
    head = ["Path", "p50 ms", "p99 ms", "p99.9 ms", "p99 added ms", "CPU µs a request", "not answered in time"]

    def row(key, title, path, added):
        cells = [cell(over_rounds(raw, key, *path, "latency", p), 1e-3) for p in ("p50", "p99", "p99.9")]
        waiting = over_rounds(raw, key, *path, "waiting")
        late = NONE if waiting is None else f"{waiting.median:,.0f}"
        cpu = cell(over_rounds(raw, key, *path, "cpu_us"))
        return [title, *cells, added, cpu, late]

    rows = [row("direct", "direct to a cell", (), NONE)]
    for key, title in titles.items():
        added = "did not keep up" if saturated(raw, key) else cell(added_p99(raw, key), 1e-3)
        rows.append(row(key, title, ("constant",), added))
    return table(head, rows)


def starts(raw: dict, keys: Iterable[str]) -> str:
    head = ["Router", "one core: first 200", "first routed", "two cores: first 200", "first routed"]
    rows = []
    for key in keys:
        if not dig(raw, "start_up", key):
            continue
        title = raw["titles"].get(key, "Same jar, plain JDK")
        cells = [cell(start_up(raw, key, cores, what)) for cores in (1, 2) for what in ("health", "routed")]
        rows.append([title, *cells])
    return table(head, rows) if rows else NONE


def memory(raw: dict, titles: dict) -> str:
    rows, how = [], ""
    for key, test in raw.get("memory", {}).items():
        how = test["how"]
        load = test.get("load")
        if load is None:
            rows.append([titles[key], test.get("failed", NONE), NONE, NONE, NONE, NONE])
            continue
        lost = load["error_count"]
        rows.append(
            [
                titles[key],
                "ended" if test["died"] else "alive",
                f"{load['answered']:,} of {test['requests']:,}",
                f"{lost:,}",
                f"{test['rss_mb']:.0f}",
                f"{load['seconds']:.0f}",
            ]
        )
    if not rows:
        return NONE
    enforced = all(t["limited"] for t in raw["memory"].values())
    note = f"64 connections; {how}."
    if not enforced:
        note += (
            " **Not limited:** the kernel did not hold the process to 160 MB. The JVMs were given the heap size and the "
            "collector that they choose in such a limit (`JAVA_TOOL_OPTIONS=-XX:MaxRAM=160m -XX:+UseSerialGC`), so a peak "
            "above 160 MB means that it would have been killed."
        )
    head = ["Router", "process", "answered", "errors", "highest resident MB", "seconds"]
    return note + "\n\n" + table(head, rows)


def disturbed(raw: dict) -> bool:
    d = raw["disturbance"]
    return d["others_percent"] + d["steal_percent"] > 5


def machine(m: dict, raw: dict) -> str:
    d = raw["disturbance"]
    lines = [
        f"- CPU: {m['cpu']}, {m['cores']} cores; load before the run: {m['load']}",
        f"- During the rounds other programs took {d['others_percent']:.1f} % of the CPU time, other machines on the "
        f"host {d['steal_percent']:.1f} %" + (": **disturbed, repeat it on a quiet machine**" if disturbed(raw) else ""),
        f"- Memory: {m['memory_gb']:.1f} GB; kernel: {m['kernel']}",
        f"- Started {raw['started']}, took {raw['minutes']:.0f} minutes: `{raw['command']}`",
    ]
    lines += [f"- {name}: {version}" for name, version in raw["versions"].items()]
    commands = "\n".join(f"{title}:\n  {command}" for title, command in raw["commands"].items())
    return "\n".join(lines) + "\n\n```text\n" + commands + "\n```"


def verdicts(found: list[Bar]) -> list[str]:
    """One line a bar, for the terminal."""
    marks = {"pass": "ok  ", "fail": "FAIL"}
    return [f"{marks.get(b.state, '?   ')} {b.name}: {b.measured} (asked {b.asked}) – {b.state}" for b in found]

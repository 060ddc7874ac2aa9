"""From the raw samples of a cost run to its figures, verdicts and page. Pure."""

from statistics import median

from .figures import Bar, Figure, error_bar, figure, ratio_bar
from .report import NONE, bar_table, cell, page, partial_run, rounds_of, starts, table_of_routers

ASKED = 1.05


def samples(raw: dict, key: str, what: str) -> list[float]:
    return [turn[key][what] for r in raw["rounds"] for turn in r["turns"] if turn[key].get(what) is not None]


def per_round(raw: dict, key: str, what: str) -> Figure | None:
    """The median of each round's turns, over the rounds."""
    found = [[turn[key][what] for turn in r["turns"] if what in turn[key]] for r in raw["rounds"]]
    return figure(median(values) for values in found if values)


def ratio(raw: dict, ours: str, theirs: str, what: str) -> Figure | None:
    """Ours / theirs within each turn; the median of a round's turns, over the rounds."""
    found = []
    for r in raw["rounds"]:
        pairs = [(turn[ours].get(what), turn[theirs].get(what)) for turn in r["turns"]]
        values = [a / b for a, b in pairs if a and b]
        if values:
            found.append(median(values))
    return figure(found)


def cost_bars(raw: dict) -> list[Bar]:
    one = Figure(1.0, 1.0, 1.0, 1)
    bars = [
        ratio_bar(f"CPU a request with everything on, against {words}", ratio(raw, "on", key, "cpu_us"), one, ASKED, False)
        for key, words in (("before", "before isolation"), ("off", "protections off"))
    ]
    counts = [count for key in raw["titles"] for count in samples(raw, key, "error_count")]
    return [*bars, error_bar(int(sum(counts)) if counts else None)]


def percent(f: Figure | None) -> str:
    """The median, and the lowest and highest round."""
    if f is None:
        return NONE
    more = [f"{(value - 1) * 100:+.1f}" for value in (f.median, f.low, f.high)]
    return f"{more[0]} % ({more[1]} to {more[2]})"


def cost_report(raw: dict) -> str:
    s = raw["settings"]
    return page(raw, "What the protections cost", partial_run(raw), [
        f"{s['connections']} connections, closed loop. The three routers run at once in front of the same cells and take turns of "
        f"{s['seconds']} s, {s['turns']} turns a round, when each of them no longer gets faster by itself; {rounds_of(raw)}, each with new processes. "
        "A ratio is of two turns that followed each other; the table shows the median of the rounds (each the median of its turns), "
        "in parentheses the lowest, of ratios the lowest and the highest round.",
        "*Everything on* is bench/peers/router/all-on.yaml.template: adaptive bulkhead with a wait, breaker with statuses and slow calls, three attempts, two addresses a cell, "
        "rates for the cell, for the client, and for the client at the cell, a share of 100 %, the file watched. *Off* is what can be switched off. "
        f"*Before* is commit {raw['versions'].get('before', NONE)}.",
        "## Bars",
        bar_table("Bar", cost_bars(raw)),
        "## Figures",
        figures_table(raw),
        "## Start",
        f"Milliseconds from exec to the first 200 and to the first routed one; {s['starts']} starts each, in turns. "
        "*Everything on* also reads a YAML file, which the other two are not given.",
        starts(raw, raw["titles"]),
    ])


def figures_table(raw: dict) -> str:
    head = ["Router", "CPU µs a request", "against before", "against off", "requests/s", "p50 ms", "p99 ms", "resident MB", "errors"]

    def row(key: str) -> list[str]:
        found = [cell(per_round(raw, key, "cpu_us"))]
        found += [NONE if key == other else percent(ratio(raw, key, other, "cpu_us")) for other in ("before", "off")]
        found += [cell(per_round(raw, key, "requests_per_s")), cell(per_round(raw, key, "p50"), 1e-3)]
        found += [cell(per_round(raw, key, "p99"), 1e-3), cell(per_round(raw, key, "rss_mb"))]
        return [*found, f"{sum(samples(raw, key, 'error_count')):,.0f}"]

    return table_of_routers(raw, head, row)

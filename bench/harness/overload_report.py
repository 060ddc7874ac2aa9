"""From the raw samples of an overload run to its figures, verdicts and page. Pure."""

from .figures import Bar, Figure, dig, figure
from .report import NONE, bar_table, cell, number, page, partial_run, rounds_of, table

GOODPUT, P99 = 0.9, 3.0
# Above it, the generator and the cells may be what holds the load back.
BUSY = 0.9


def capacity(one: dict) -> float:
    """Requests a second, of the two measurements before and after the loads."""
    return (one["capacity"]["requests_per_s"] + one["capacity_again"]["requests_per_s"]) / 2


def of_rounds(raw: dict, key: str, value) -> Figure | None:
    return figure(value(r[key]) for r in raw["rounds"] if key in r)


def goodput(raw: dict, key: str, factor: str) -> Figure | None:
    return of_rounds(raw, key, lambda one: one["loads"][factor]["admitted"]["per_s"] / capacity(one))


def p99(raw: dict, key: str, factor: str, kind: str = "wire") -> Figure | None:
    def ratio(one):
        loaded = dig(one, "loads", factor, "admitted", kind, "p99")
        return loaded / one["ease"]["admitted"]["wire"]["p99"] if loaded else None

    return of_rounds(raw, key, ratio)


def other_core(raw: dict) -> float:
    busy = [load["other_core_busy"] for r in raw["rounds"] for key in raw["titles"] if key in r for load in r[key]["loads"].values()]
    return max(busy, default=0.0)


def overload_bars(raw: dict) -> list[Bar]:
    most = f"{max(raw['settings']['factors']):g}"
    found = []
    for key, title in raw["titles"].items():
        for name, f, limit, at_least in (
            (f"goodput at {most} times the capacity, against it", goodput(raw, key, most), GOODPUT, True),
            (f"p99 of the admitted at {most} times the capacity, against unloaded", p99(raw, key, most), P99, False),
        ):
            asked = f"{'≥' if at_least else '≤'} {limit:g}×"
            name = f"{title}: {name}"
            if f is None:
                found.append(Bar(name, asked, NONE, "not measured"))
                continue
            met = f.median >= limit if at_least else f.median <= limit
            state = "pass" if met else "fail"
            if met and other_core(raw) > BUSY:
                state = "not proven: the generator's core was busy too"
            found.append(Bar(name, asked, f"{f.median:.2f}×", state))
    return found


def overload_report(raw: dict) -> str:
    s, titles = raw["settings"], raw["titles"]
    return page(raw, "More than the router's own CPU can do", partial_run(raw), [
        "The router has one core to itself, the three cells and the generator another one. It is warmed up until it no longer gets faster. "
        f"Capacity is what {s['capacity_connections']} connections get in a closed loop, {s['capacity']} s each before and after the loads; unloaded is an open loop at {s['at_ease']:g} of it. "
        f"The loads are open loops at multiples of it, {s['seconds']} s each after {s['skip']} s that do not count, from a pool of at most {s['connections']} connections: what finds none free waits in the client. "
        "So a latency is given twice: from the send, which is the router's part and what the bar is about, and from the moment the request was meant to be sent. "
        f"{rounds_of(raw)} with new processes each; median, and the lowest in parentheses.",
        "## Bars",
        bar_table("Bar (medians)", overload_bars(raw)),
        "## Capacity and latency without load",
        ease_table(raw, titles),
        "## Under load",
        loads_table(raw, titles),
        f"The core of the generator and the cells was busy for at most {other_core(raw) * 100:.0f} % of a load.",
    ])


def ease_table(raw: dict, titles: dict) -> str:
    head = ["Router", "capacity requests/s", "CPU µs a request", "unloaded p50 ms", "p99 ms"]
    rows = []
    for key, title in titles.items():
        row = [title, cell(of_rounds(raw, key, capacity)), cell(of_rounds(raw, key, lambda one: one["capacity"].get("cpu_us")))]
        row += [cell(of_rounds(raw, key, lambda one, p=p: dig(one, "ease", "admitted", "wire", p)), 1e-3) for p in ("p50", "p99")]
        rows.append(row)
    return table(head, rows)


def loads_table(raw: dict, titles: dict) -> str:
    head = ["Router, load", "goodput / capacity", "p99 admitted / unloaded", "p99 ms from the send", "from when it was meant", "refused/s", "p50 ms", "p99 ms", "router's cores", "other errors"]
    rows = []
    for key, title in titles.items():
        for factor in (f"{f:g}" for f in raw["settings"]["factors"]):
            def ms(*path, key=key, factor=factor):
                return cell(of_rounds(raw, key, lambda one: dig(one, "loads", factor, *path)), 1e-3)

            cores = of_rounds(raw, key, lambda one, factor=factor: one["loads"][factor]["router_cores"])
            refused = of_rounds(raw, key, lambda one, factor=factor: one["loads"][factor]["refused"]["per_s"])
            rows.append([
                f"{title}, {factor}×", cell(goodput(raw, key, factor)), cell(p99(raw, key, factor)),
                ms("admitted", "wire", "p99"), ms("admitted", "latency", "p99"), cell(refused),
                ms("refused", "wire", "p50"), ms("refused", "wire", "p99"),
                NONE if cores is None else number(cores.median), str(other_errors(raw, key, factor)),
            ])
    return table(head, rows)


def other_errors(raw: dict, key: str, factor: str) -> int:
    """Neither the right answer nor a 503 nor still waiting when the run ended."""
    loads = [r[key]["loads"][factor] for r in raw["rounds"] if key in r]
    return sum(load["wrong"] + load["socket"] for load in loads)

"""From the raw samples of an isolation run to its figures and verdicts. Pure."""

from dataclasses import dataclass
from statistics import median

from .figures import Bar, Figure, dig, error_bar, figure, ratio_bar

PHASES = ("before", "hanging", "after")


def runs(raw: dict, key: str) -> list[dict]:
    return [r[key] for r in raw["rounds"] if key in r]


def phase(raw: dict, key: str, load: str, name: str, *path) -> Figure | None:
    """Over the rounds, one figure of the phase, e.g. latency p99 in microseconds."""
    at = PHASES.index(name)
    return figure(dig(r[load]["phases"][at], *path) for r in runs(raw, key))


def requests(raw: dict, key: str, load: str, name: str | None = None, which: str = "count") -> int | None:
    """Of all rounds, in one phase or in all."""
    found = [p[which] for r in runs(raw, key) for n, p in zip(PHASES, r[load]["phases"]) if name in (None, n)]
    return sum(found) if found else None


def bad(raw: dict, key: str, load: str, name: str | None = None) -> int | None:
    """Those that were refused, broken, answered by another cell or not at all."""
    return requests(raw, key, load, name, "bad")


def held(raw: dict, key: str) -> Figure | None:
    """Requests for the hanging cell that were open at once, at most."""
    return figure(r["sick"]["peak_open"] for r in runs(raw, key))


@dataclass(frozen=True)
class Second:
    at: float  # from the start of the run
    p99: float  # microseconds, median of the rounds
    low: float
    high: float
    bad: int  # in all rounds


def seconds(raw: dict, key: str) -> list[Second]:
    found = []
    for at, windows in enumerate(zip(*(r["healthy"]["windows"] for r in runs(raw, key)))):
        p99 = [w["latency"]["p99"] for w in windows if w["latency"]]
        if p99:
            found.append(Second(at, median(p99), min(p99), max(p99), sum(w["bad"] for w in windows)))
    return found


def isolation_bars(raw: dict) -> list[Bar]:
    before = phase(raw, "router", "healthy", "before", "latency", "p99")
    hanging = phase(raw, "router", "healthy", "hanging", "latency", "p99")
    # What a round differs from the next by itself is not the hanging cell's doing.
    return [
        error_bar(bad(raw, "router", "healthy"), "errors of healthy cells, all phases and rounds"),
        ratio_bar("p99 of healthy cells while one hangs, against before", hanging, before, 1.5, False),
    ]

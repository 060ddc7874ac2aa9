"""From the raw samples of a run to the figures of the table and the verdict on each bar. Pure."""

from dataclasses import dataclass
from statistics import median

LEVELS = ("1", "64", "256")


@dataclass(frozen=True)
class Figure:
    """What several rounds gave: the median, with the lowest and highest beside it."""

    median: float
    low: float
    high: float
    count: int


def figure(values) -> Figure | None:
    values = [v for v in values if v is not None]
    if not values:
        return None
    return Figure(median(values), min(values), max(values), len(values))


def dig(value, *path):
    for key in path:
        if not isinstance(value, dict) or key not in value:
            return None
        value = value[key]
    return value


def over_rounds(raw: dict, key: str, *path) -> Figure | None:
    return figure(dig(r, key, *path) for r in raw["rounds"])


def added_p99(raw: dict, key: str) -> Figure | None:
    """p99 through the router less p99 of the direct path, in microseconds, each pair measured one right
    after the other.

    A round in which the router could not keep up has no such figure."""
    values = []
    for r in raw["rounds"]:
        direct = dig(r, key, "direct", "latency", "p99")
        if direct is None:
            direct = dig(r, "direct", "latency", "p99")
        routed = dig(r, key, "constant", "latency", "p99")
        if None in (direct, routed) or dig(r, key, "constant", "saturated"):
            continue
        values.append(routed - direct)
    return figure(values)


def saturated(raw: dict, key: str) -> bool:
    """True when the router did not keep up with the constant rate in any round."""
    states = [dig(r, key, "constant", "saturated") for r in raw["rounds"]]
    return any(states) and all(s for s in states if s is not None)


def errors(raw: dict, key: str) -> int | None:
    """All failed requests under load, of every kind and round; waiting ones are not failed."""
    found = None
    for r in raw["rounds"]:
        loads = [dig(r, key, "closed", level) for level in LEVELS] + [dig(r, key, "constant")]
        for load in loads:
            if load is not None:
                found = (found or 0) + load["error_count"]
    return found


def peak_rss(raw: dict, key: str) -> Figure | None:
    def of(r):
        seen = [dig(r, key, "closed", level, "rss_mb") for level in LEVELS]
        return max((s for s in seen if s is not None), default=None)

    return figure(of(r) for r in raw["rounds"])


def start_up(raw: dict, key: str, cores: int, what: str) -> Figure | None:
    """`what` is health or routed; milliseconds."""
    samples = dig(raw, "start_up", key, str(cores)) or []
    return figure(s[what] * 1000 for s in samples)


@dataclass(frozen=True)
class Bar:
    name: str
    asked: str
    measured: str
    state: str  # pass, fail, or not measured / not proven with the reason

    @property
    def met(self) -> bool:
        return self.state == "pass"


def ratio_bar(name: str, ours, theirs, limit: float, at_least: bool, strict=False) -> Bar:
    """A bar on ours / theirs (medians)."""
    sign = "≥" if at_least else ("<" if strict else "≤")
    asked = f"{sign} {limit:g}×"
    if ours is None or theirs is None:
        return Bar(name, asked, "–", "not measured")
    if theirs.median <= 0:
        # Noise can make a difference vanish; then nothing can be said as a ratio of it.
        return Bar(name, asked, f"{ours.median:.0f} against {theirs.median:.0f}", "not proven: nothing to compare with")
    value = ours.median / theirs.median
    if at_least:
        met = value >= limit
    else:
        met = value < limit if strict else value <= limit
    return Bar(name, asked, f"{value:.2f}×", "pass" if met else "fail")


def bars(raw: dict) -> list[Bar]:
    def rate(key):
        return over_rounds(raw, key, "closed", "64", "requests_per_s")

    def cpu(key):
        return over_rounds(raw, key, "closed", "64", "cpu_us")

    found = [
        ratio_bar("requests/s at 64 connections, against FastAPI", rate("router"), rate("fastapi"), 35, True),
        ratio_bar("requests/s at 64 connections, against Spring Cloud Gateway", rate("router"), rate("scg"), 1.5, True),
        ratio_bar("CPU per request at 64 connections, against HAProxy", cpu("router"), cpu("haproxy"), 5, False),
        added_bar(raw, "scg", "Spring Cloud Gateway", 1, True),
        added_bar(raw, "haproxy", "HAProxy", 5, False),
    ]
    for cores in (1, 2):
        unit = "one core" if cores == 1 else "two cores"

        def first(key, cores=cores):
            return start_up(raw, key, cores, "health")

        found += [
            ratio_bar(f"first 200 on {unit}, against the same jar on the plain JDK", first("router"), first("plain"), 0.6, False),
            ratio_bar(f"first 200 on {unit}, against FastAPI", first("router"), first("fastapi"), 1, False, strict=True),
            ratio_bar(f"first 200 on {unit}, against Spring Cloud Gateway", first("router"), first("scg"), 0.1, False),
        ]
    found.append(memory_bar(dig(raw, "memory", "router")))
    found.append(error_bar(errors(raw, "router")))
    return found


def added_bar(raw: dict, key: str, title: str, limit: float, strict: bool) -> Bar:
    name = f"p99 added at {raw['settings']['rate']:,}/s, against {title}"
    ours, theirs = added_p99(raw, "router"), added_p99(raw, key)
    if ours is None and saturated(raw, "router"):
        return Bar(name, f"{'<' if strict else '≤'} {limit:g}×", "did not keep up", "fail")
    if theirs is None and ours is not None and saturated(raw, key):
        return Bar(name, f"{'<' if strict else '≤'} {limit:g}×", f"{title} did not keep up", "pass")
    return ratio_bar(name, ours, theirs, limit, False, strict)


def memory_bar(test: dict | None) -> Bar:
    if not test:
        return Bar("resident memory in a 160 MB limit, with no error", "< 130 MB", "–", "not measured")
    name = f"resident memory after {test['requests']:,} requests in a 160 MB limit, with no error"
    asked = "< 130 MB"
    load = test.get("load")
    if test.get("failed") or load is None:
        return Bar(name, asked, test.get("failed") or "no load", "fail")
    lost = load["error_count"] + load["waiting"]
    short = test["requests"] - load["answered"] - lost
    measured = f"{test['rss_mb']:.0f} MB, {load['answered']:,} answered, {lost:,} lost"
    if test["died"] or lost or short > 0 or test["rss_mb"] >= 130:
        return Bar(name, asked, measured, "fail")
    if test["requests"] < 200_000:
        return Bar(name, asked, measured, "not proven: fewer than 200,000 requests")
    if not test["limited"]:
        return Bar(name, asked, measured, "not proven: the limit was not enforced")
    return Bar(name, asked, measured, "pass")


def error_bar(count: int | None, name: str = "errors under load, all rounds") -> Bar:
    if count is None:
        return Bar(name, "0", "–", "not measured")
    return Bar(name, "0", str(count), "pass" if count == 0 else "fail")

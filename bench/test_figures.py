"""Medians, ratios and the verdict on each bar, from made-up raw results."""

import copy
import unittest
from xml.etree import ElementTree

from harness.cost_report import cost_bars, cost_report, per_round, ratio
from harness.figures import added_p99, bars, errors, figure, peak_rss, ratio_bar, saturated
from harness.isolation_figures import bad, isolation_bars, phase, seconds
from harness.isolation_report import isolation_report
from harness.report import report, verdicts
from harness.chart import chart
from harness.timeline import STRIP, height_of, timeline


def load(rate, cpu, p99=2000, bad=0):
    return {"requests_per_s": rate, "cpu_us": cpu, "p50": 900, "p99": p99, "p99.9": 2 * p99,
            "rss_mb": 100.0 + cpu, "error_count": bad}


def constant(p99, saturated=False, bad=0):
    return {"latency": {"p50": 100, "p99": p99, "p99.9": 2 * p99}, "saturated": saturated,
            "waiting": 500 if saturated else 0, "error_count": bad, "answered": 1000}


def contender(rate, cpu, p99, slow=False):
    return {"closed": {level: load(rate, cpu) for level in ("1", "64", "256")}, "constant": constant(p99, slow)}


def starts(health):
    return {cores: [{"health": health, "routed": health + 0.01}] * 5 for cores in ("1", "2")}


def raw_result():
    one = {
        "direct": constant(200),
        "router": contender(14_000, 80, 900),
        "scg": contender(6_000, 190, 4_200),
        "fastapi": contender(300, 3_000, 900_000, slow=True),
        "haproxy": contender(50_000, 18, 400),
        "nginx": contender(58_000, 16, 350),
    }
    return {
        "date": "2026-01-02", "started": "2026-01-02 03:04 UTC", "minutes": 20.0, "command": "./build.sh bench",
        "disturbance": {"others_percent": 0.4, "steal_percent": 0.1},
        "settings": {"quick": False, "other_start": False, "rounds": 3, "rate": 2000, "starts": 5},
        "machine": {"cpu": "A & B", "cores": 2, "load": "0 0 0", "memory_gb": 8.0, "kernel": "6"},
        "titles": {"router": "Cell router", "scg": "Spring Cloud Gateway", "fastapi": "FastAPI", "haproxy": "HAProxy", "nginx": "nginx"},
        "versions": {"java": "25"}, "commands": {"Cell router": "router"}, "failed": [], "size": {"disk_mb": 85.0, "gzip_mb": 26.0},
        "rounds": [copy.deepcopy(one) for _ in range(3)],
        "start_up": {"router": starts(0.2), "plain": starts(0.45), "fastapi": starts(0.35), "scg": starts(4.0), "haproxy": starts(0.03)},
        "memory": {"router": {"limited": True, "how": "limit of 160 MB", "requests": 200_000, "died": False, "rss_mb": 101.0,
                              "load": {"answered": 200_000, "error_count": 0, "waiting": 0, "seconds": 20.0}}},
    }


def state(raw, part):
    return next(b.state for b in bars(raw) if part in b.name)


class Figures(unittest.TestCase):
    def test_median_with_lowest_and_highest(self):
        f = figure([5, None, 1, 9])
        self.assertEqual((f.median, f.low, f.high, f.count), (5, 1, 9, 3))
        self.assertIsNone(figure([None]))

    def test_added_latency_is_taken_within_each_round(self):
        raw = raw_result()
        raw["rounds"][0]["direct"] = constant(100)
        raw["rounds"][2]["direct"] = constant(700)
        f = added_p99(raw, "router")
        self.assertEqual((f.median, f.low, f.high), (700, 200, 800))

    def test_a_round_beyond_saturation_has_no_added_latency(self):
        raw = raw_result()
        self.assertIsNone(added_p99(raw, "fastapi"))
        self.assertTrue(saturated(raw, "fastapi"))
        raw["rounds"][0]["router"]["constant"]["saturated"] = True
        self.assertEqual(added_p99(raw, "router").count, 2)
        self.assertFalse(saturated(raw, "router"))

    def test_errors_of_all_loads_and_rounds_add_up(self):
        raw = raw_result()
        raw["rounds"][0]["router"]["closed"]["1"]["error_count"] = 2
        raw["rounds"][2]["router"]["constant"]["error_count"] = 3
        self.assertEqual(errors(raw, "router"), 5)
        self.assertIsNone(errors(raw, "absent"))

    def test_resident_memory_is_the_highest_of_the_loads(self):
        raw = raw_result()
        raw["rounds"][1]["router"]["closed"]["256"]["rss_mb"] = 500.0
        self.assertEqual(peak_rss(raw, "router").high, 500.0)


class Bars(unittest.TestCase):
    def test_all_met(self):
        self.assertEqual({b.state for b in bars(raw_result())}, {"pass"}, verdicts(bars(raw_result())))

    def test_each_bar_can_fail(self):
        changes = {
            "against FastAPI": lambda r: [x["router"]["closed"]["64"].update(requests_per_s=10_499) for x in r["rounds"]],
            "requests/s at 64 connections, against Spring": lambda r: [x["scg"]["closed"]["64"].update(requests_per_s=9_400) for x in r["rounds"]],
            "CPU per request": lambda r: [x["router"]["closed"]["64"].update(cpu_us=90.1) for x in r["rounds"]],
            "p99 added at 2,000/s, against Spring": lambda r: [x["router"]["constant"]["latency"].update(p99=4_200) for x in r["rounds"]],
            "p99 added at 2,000/s, against HAProxy": lambda r: [x["router"]["constant"]["latency"].update(p99=1_201) for x in r["rounds"]],
            "first 200 on one core, against the same jar": lambda r: r["start_up"]["plain"].update({"1": [{"health": 0.33, "routed": 1}]}),
            "first 200 on two cores, against FastAPI": lambda r: r["start_up"]["fastapi"].update({"2": [{"health": 0.2, "routed": 1}]}),
            "first 200 on two cores, against Spring": lambda r: r["start_up"]["scg"].update({"2": [{"health": 1.99, "routed": 1}]}),
            "resident memory": lambda r: r["memory"]["router"].update(rss_mb=130.0),
            "errors under load": lambda r: r["rounds"][1]["router"]["closed"]["64"].update(error_count=1),
        }
        for part, change in changes.items():
            with self.subTest(part):
                raw = raw_result()
                change(raw)
                self.assertEqual(state(raw, part), "fail")

    def test_exactly_at_the_limit(self):
        ten, two = figure([10.0]), figure([2.0])
        self.assertEqual(ratio_bar("x", ten, two, 5, True).state, "pass")
        self.assertEqual(ratio_bar("x", ten, two, 5, False).state, "pass")
        self.assertEqual(ratio_bar("x", ten, two, 5, False, strict=True).state, "fail")

    def test_nothing_is_proven_by_a_reference_of_zero_or_by_absence(self):
        self.assertIn("not proven", ratio_bar("x", figure([5]), figure([-1]), 5, False).state)
        self.assertEqual(ratio_bar("x", None, figure([1]), 5, False).state, "not measured")
        raw = raw_result()
        for r in raw["rounds"]:
            del r["router"]
        self.assertEqual(state(raw, "against FastAPI"), "not measured")

    def test_memory_without_an_enforced_limit_is_not_proven(self):
        raw = raw_result()
        raw["memory"]["router"]["limited"] = False
        self.assertIn("not proven", state(raw, "resident memory"))

    def test_memory_fails_on_lost_or_missing_requests_and_on_death(self):
        for change in ({"error_count": 1}, {"waiting": 1}, {"answered": 199_999}):
            raw = raw_result()
            raw["memory"]["router"]["load"].update(change)
            self.assertEqual(state(raw, "resident memory"), "fail", change)
        for change in ({"died": True}, {"load": None}, {"failed": "it ended"}):
            raw = raw_result()
            raw["memory"]["router"].update(change)
            self.assertEqual(state(raw, "resident memory"), "fail", change)

    def test_fewer_requests_prove_nothing(self):
        raw = raw_result()
        raw["memory"]["router"]["requests"] = 5_000
        raw["memory"]["router"]["load"]["answered"] = 5_000
        self.assertIn("not proven", state(raw, "resident memory"))

    def test_a_router_that_does_not_keep_up_fails(self):
        raw = raw_result()
        for r in raw["rounds"]:
            r["router"]["constant"] = constant(900_000, saturated=True)
        self.assertEqual(state(raw, "p99 added at 2,000/s, against HAProxy"), "fail")


def window(p99, bad=0, count=100):
    return {"count": count, "bad": bad, "latency": {"p50": p99 / 3, "p99": p99, "max": 2 * p99}}


def isolated(hanging, bad=0, held=256):
    """One round: p99 of the healthy cells while one hangs, in microseconds."""
    p99 = [1_000.0] * 2 + [hanging] * 3 + [1_100.0] * 2
    phases = [window(1_000.0), window(hanging, bad), window(1_100.0)]
    sick = [window(1_000.0), window(15_000_000.0, 90), window(1_000.0, 5)]
    return {"healthy": {"phases": phases, "windows": [window(p, bad if at == 2 else 0) for at, p in enumerate(p99)]},
            "sick": {"phases": sick, "peak_open": held}}


def isolation_result():
    raw = raw_result()
    return {
        **{key: raw[key] for key in ("date", "started", "minutes", "command", "disturbance", "machine", "versions", "commands", "failed")},
        "kind": "isolation", "partial": False,
        "titles": {"router": "Cell router", "fastapi": "FastAPI & httpx"},
        "settings": {"quick": False, "rounds": 3, "before": 2, "hanging": 3, "after": 2, "healthy_rate": 150, "sick_rate": 100},
        "rounds": [{"router": isolated(p99), "fastapi": isolated(9_000_000.0, bad=7, held=2_000)} for p99 in (900.0, 1_200.0, 1_400.0)],
    }


class IsolationPicture(unittest.TestCase):
    def test_each_bar_can_fail(self):
        self.assertEqual([b.state for b in isolation_bars(isolation_result())], ["pass", "pass"])
        lost = isolation_result()
        lost["rounds"][1]["router"] = isolated(1_200.0, bad=1)
        self.assertEqual([b.state for b in isolation_bars(lost)], ["fail", "pass"])
        slow = isolation_result()
        slow["rounds"][0]["router"] = slow["rounds"][1]["router"] = isolated(1_501.0)
        self.assertEqual([b.state for b in isolation_bars(slow)], ["pass", "fail"])
        for r in slow["rounds"]:
            del r["router"]
        self.assertEqual([b.state for b in isolation_bars(slow)], ["not measured"] * 2)

    def test_a_phase_has_its_own_figures_and_errors(self):
        raw = isolation_result()
        self.assertEqual(phase(raw, "router", "healthy", "hanging", "latency", "p99").median, 1_200.0)
        self.assertEqual(phase(raw, "router", "healthy", "before", "latency", "p99").high, 1_000.0)
        self.assertEqual([bad(raw, "fastapi", "healthy", name) for name in ("before", "hanging", "after")], [0, 21, 0])
        self.assertEqual(bad(raw, "router", "sick"), 3 * 95)

    def test_seconds_are_medians_of_the_rounds(self):
        found = seconds(isolation_result(), "router")
        self.assertEqual([p.p99 for p in found], [1_000, 1_000, 1_200, 1_200, 1_200, 1_100, 1_100])
        self.assertEqual((found[2].low, found[2].high), (900, 1_400))
        self.assertEqual([p.bad for p in seconds(isolation_result(), "fastapi")], [0, 0, 21, 0, 0, 0, 0])

    def test_page_and_picture(self):
        raw = isolation_result()
        page = isolation_report(raw)
        for part in ("1.20 (0.90)", "9,000 (9,000)", "| 0 | 21 | 0 |", "2,000 |"):
            self.assertIn(part, page)
        picture = timeline(raw)
        ElementTree.fromstring(picture)
        for part in ("1.0 ms → 1.2 ms", "1.0 ms → 9.0 s", "no error", "21 failed", "FastAPI &amp; httpx"):
            self.assertIn(part, picture)
        self.assertEqual(picture.count("m0 -6"), 2)  # the second with failures, and the legend
        raw["rounds"] = [{}]
        self.assertIn("not measured", timeline(raw))
        self.assertIn("not measured", isolation_report(raw))

    def test_a_strip_is_logarithmic_and_bounded(self):
        self.assertEqual([round(height_of(ms) / STRIP, 3) for ms in (0.01, 0.1, 10, 100_000, 1e9)], [0, 0, 0.333, 1, 1])


def cost_result(on=80.0, off=79.0, before=78.0, bad=0):
    raw = raw_result()
    turn = {key: load(14_000, cpu, bad=bad) for key, cpu in (("before", before), ("off", off), ("on", on))}
    return {
        **{key: raw[key] for key in ("date", "started", "minutes", "command", "disturbance", "machine", "commands", "failed")},
        "kind": "cost", "partial": False, "versions": {"before": "0123456789"},
        "titles": {"before": "Before isolation", "off": "Protections off", "on": "All protections on"},
        "settings": {"quick": False, "rounds": 3, "turns": 2, "seconds": 5, "connections": 64, "warm_up": 25, "starts": 5},
        "rounds": [{"turns": [copy.deepcopy(turn), copy.deepcopy(turn)]} for _ in range(3)],
        "start_up": {"before": starts(0.2), "on": starts(0.21)},
    }


class CostOfProtections(unittest.TestCase):
    def test_each_bar_can_fail(self):
        self.assertEqual({b.state for b in cost_bars(cost_result())}, {"pass"})
        self.assertEqual([b.state for b in cost_bars(cost_result(before=76))], ["fail", "pass", "pass"])
        self.assertEqual([b.state for b in cost_bars(cost_result(off=76))], ["pass", "fail", "pass"])
        self.assertEqual([b.state for b in cost_bars(cost_result(bad=1))], ["pass", "pass", "fail"])

    def test_a_ratio_is_of_turns_that_followed_each_other(self):
        raw = cost_result()
        # The machine is half as fast in one round: that changes both, and not the ratio.
        for turn in raw["rounds"][1]["turns"]:
            for key in turn:
                turn[key]["cpu_us"] *= 2
        f = ratio(raw, "on", "before", "cpu_us")
        self.assertEqual((round(f.low, 4), round(f.high, 4)), (1.0256, 1.0256))
        self.assertEqual(per_round(raw, "on", "cpu_us").high, 160)

    def test_page(self):
        page = cost_report(cost_result())
        for part in ("+2.6 % (+2.6 to +2.6)", "+1.3 %", "80.0 (80.0)", "210 (210)", "0123456789"):
            self.assertIn(part, page)
        empty = {**cost_result(), "rounds": [], "start_up": {}}
        self.assertIn("not measured", cost_report(empty))


class Pages(unittest.TestCase):
    def test_the_report_shows_figures_bars_and_what_failed(self):
        raw = raw_result()
        raw["failed"] = ["haproxy, round 2: it ended"]
        page = report(raw)
        for part in ("14,000 (14,000)", "46.67×", "| pass |", "did not keep up", "haproxy, round 2", "85.0 MB"):
            self.assertIn(part, page)

    def test_a_quick_run_says_so(self):
        raw = raw_result()
        raw["settings"]["quick"] = True
        self.assertIn("not a result", report(raw))
        self.assertIn("not a result", chart(raw))

    def test_a_disturbed_run_says_so(self):
        raw = raw_result()
        self.assertNotIn("disturbed", report(raw))
        raw["disturbance"]["steal_percent"] = 5.0
        self.assertIn("disturbed", report(raw))

    def test_the_report_bears_missing_routers(self):
        raw = raw_result()
        for part in ("start_up", "memory"):
            raw[part] = {}
        raw["rounds"] = [{"direct": constant(100)}]
        raw["size"] = None
        self.assertIn("not measured", report(raw))
        self.assertIn("not measured", chart(raw))

    def test_the_picture_is_well_formed_and_escapes(self):
        ElementTree.fromstring(chart(raw_result()))


if __name__ == "__main__":
    unittest.main()

"""Medians, ratios and the verdict on each bar, from made-up raw results."""

import copy
import unittest

from harness.figures import added_p99, bars, errors, figure, peak_rss, ratio_bar, saturated
from harness.report import report, verdicts
from harness.chart import chart


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
        self.assertEqual({b.state for b in bars(raw_result())}, {"pass"}, verdicts(raw_result()))

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
        from xml.etree import ElementTree

        ElementTree.fromstring(chart(raw_result()))


if __name__ == "__main__":
    unittest.main()

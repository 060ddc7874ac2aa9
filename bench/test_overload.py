"""The overload run: its arguments, its figures and its page, from made-up raw results."""

import copy
import os
import re
import sys
import unittest
from pathlib import Path

import run
from harness.machine import core_now
from harness.overload import QUICK_OVERLOAD, OverloadPlan, keep_off_the_routers_core, overload_contenders
from harness.overload_report import capacity, goodput, overload_bars, overload_report, p99
from harness.process import Failed
from harness.rig import until_warm

ROOT = Path(__file__).resolve().parent.parent


def answers(per_s, p99_us):
    micros = {"p50": p99_us / 4, "p99": p99_us}
    return {"count": per_s * 8, "per_s": per_s, "wire": micros, "latency": {"p50": p99_us, "p99": p99_us * 3}}


def one(good=9_500, p99_us=2_900, refused=10_000, busy=0.5):
    load = {"admitted": answers(good, p99_us), "refused": answers(refused, 5_000), "other_core_busy": busy, "router_cores": 0.98,
            "wrong": 0, "socket": 2}
    return {
        "capacity": {"requests_per_s": 9_000, "cpu_us": 80.0}, "capacity_again": {"requests_per_s": 11_000},
        "ease": {"admitted": answers(3_000, 1_000)}, "loads": {"1": copy.deepcopy(load), "2": load},
    }


def result(**worse):
    return {
        "kind": "overload", "date": "2026-01-02", "started": "2026-01-02 03:04 UTC", "minutes": 8.0, "command": "./build.sh bench --overload",
        "disturbance": {"others_percent": 0.4, "steal_percent": 0.1}, "partial": False, "failed": [],
        "settings": {"quick": False, "rounds": 3, "factors": [1.0, 2.0], "capacity_connections": 12, "capacity": 6, "at_ease": 0.3, "seconds": 8, "skip": 4, "connections": 512},
        "machine": {"cpu": "A & B", "cores": 2, "load": "0 0 0", "memory_gb": 8.0, "kernel": "6"},
        "titles": {"limit": "With a limit"}, "versions": {"java": "25"}, "commands": {"With a limit": "router"},
        "rounds": [{"limit": one(**worse)} for _ in range(3)],
    }


class Overload(unittest.TestCase):
    def states(self, **worse):
        return [bar.state.split(":")[0] for bar in overload_bars(result(**worse))]

    def test_each_bar_can_fail(self):
        self.assertEqual(self.states(), ["pass", "pass"])
        self.assertEqual(self.states(good=8_900), ["fail", "pass"])
        self.assertEqual(self.states(p99_us=3_100), ["pass", "fail"])

    def test_nothing_is_proven_when_the_generator_may_have_been_the_limit(self):
        self.assertEqual(self.states(busy=0.95), ["not proven", "not proven"])
        self.assertEqual(self.states(busy=0.95, good=8_900)[0], "fail")

    def test_the_bar_is_about_the_highest_load(self):
        raw = result()
        for r in raw["rounds"]:
            r["limit"]["loads"]["1"]["admitted"]["per_s"] = 1
        self.assertEqual({bar.state for bar in overload_bars(raw)}, {"pass"})

    def test_ratios_are_to_the_capacity_before_and_after_and_to_the_routers_part_of_latency(self):
        self.assertEqual(capacity(one()), 10_000)
        self.assertEqual(goodput(result(), "limit", "2").median, 0.95)
        self.assertEqual(p99(result(), "limit", "2").median, 2.9)

    def test_a_load_in_which_nothing_was_admitted_is_no_pass(self):
        raw = result()
        for r in raw["rounds"]:
            r["limit"]["loads"]["2"]["admitted"] = {"count": 0, "per_s": 0, "wire": None, "latency": None}
        self.assertEqual([bar.state for bar in overload_bars(raw)], ["fail", "not measured"])
        self.assertIn("| With a limit, 2× | 0.00 (0.00) | – |", overload_report(raw))

    def test_page(self):
        page = overload_report(result())
        for part in ("| With a limit, 2× | 0.95 (0.95) | 2.90 (2.90) | 2.90 (2.90) | 8.70 (8.70) | 10,000 (10,000)", "at most 50 %", "| 6 |", "512 connections"):
            self.assertIn(part, page)
        self.assertIn("not a result", overload_report({**result(), "partial": True}))
        self.assertIn("not measured", overload_report({**result(), "rounds": []}))

    def test_the_settings_that_are_tried_exist(self):
        settings = (ROOT / "src" / "main" / "java" / "io" / "cellrouter" / "config" / "Setting.java").read_text()
        for contender in overload_contenders(Path("router"), "1"):
            for name in contender.environment:
                self.assertRegex(settings, rf"(?m)^  {re.escape(name)}\(")

    def test_it_is_warm_when_it_no_longer_gets_faster(self):
        for rates, expected in (
            ([100, 150, 200, 201, 206, 900], 5),  # two in a row within a thirtieth
            ([100, 150, 120, 200, 190, 180, 900], 6),  # one slow one alone proves nothing
            ([100, 200, 300, 400], 4),  # not within the most
        ):
            left = iter(rates)
            self.assertEqual(until_warm(lambda left=left: next(left), min(len(rates), 6)), rates[:expected])

    def test_a_run_of_its_own_that_takes_some_minutes(self):
        compared = overload_contenders(Path("router"), "1")
        self.assertLess(OverloadPlan().total(compared), 15 * 60)
        self.assertLess(QUICK_OVERLOAD.total(compared), 2 * 60)
        self.assertTrue(run.arguments(["--overload", "--quick"]).overload)
        for bad in (["--overload", "--cost"], ["--overload", "--only", "router"]):
            with self.assertRaises(SystemExit), open(os.devnull, "w") as null:
                stderr, sys.stderr = sys.stderr, null
                try:
                    run.arguments(bad)
                finally:
                    sys.stderr = stderr

    def test_how_busy_a_core_was(self):
        core = min(os.sched_getaffinity(0))
        before = core_now(core)
        after = core_now(core)
        self.assertLessEqual(0, before["busy"])
        self.assertLessEqual(before["busy"], before["all"])
        self.assertLessEqual(after["busy"] - before["busy"], after["all"] - before["all"] + 1e-6)

    def test_one_core_is_too_few(self):
        allowed = os.sched_getaffinity(0)
        os.sched_setaffinity(0, {min(allowed)})
        try:
            with self.assertRaisesRegex(Failed, "two cores"):
                keep_off_the_routers_core([])
        finally:
            os.sched_setaffinity(0, allowed)


if __name__ == "__main__":
    unittest.main()

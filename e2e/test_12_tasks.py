"""The tasks that only look, as their user calls them."""

import json

from lib.platform import Platform


def test_get_apps_status(up: Platform) -> None:
    """`task get-apps-status` lists every Application with its wave"""
    said = up.task("get-apps-status")
    lines = [line.split() for line in said.splitlines()]
    assert ["5", "router", "Synced", "Healthy"] in lines and ["0", "namespaces", "Synced", "Healthy"] in lines


def test_sync_all_apps(up: Platform) -> None:
    """`task sync-all-apps` ends once all is well"""
    assert "8 of 8" in up.task("sync-all-apps")


def test_status(up: Platform) -> None:
    """`task status` shows pods, autoscaler and what a router says about its cells"""
    said = up.task("status")
    assert "horizontalpodautoscaler" in said and "poddisruptionbudget" in said and "nginx-3" in said


def test_logs(up: Platform) -> None:
    """`task logs FOLLOW=false` prints JSON lines, of the routers and of a cell"""
    for words in ((), ("CELL=1",)):
        lines = up.task("logs", "FOLLOW=false", *words).splitlines()
        assert lines and all("timestamp" in json.loads(line) for line in lines)


def test_troubleshoot(up: Platform) -> None:
    """`task troubleshoot` ends, and finds its way through a healthy platform"""
    assert "cell-router" in up.task("troubleshoot")

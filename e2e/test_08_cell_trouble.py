"""A cell dies; the others do not notice, and somebody is told."""

import json
from collections.abc import Iterator

import pytest

from lib import load, router
from lib.load import GATEWAY, SERVICE, Worker
from lib.platform import OVERLAY, Platform
from lib.progress import say
from lib.prometheus import Prometheus
from lib.waiting import wait_until

DEAD = "3"
ALERT = "CellDown"
NOBODY = """patches:
  - target: {kind: Deployment}
    patch: |
      - {op: replace, path: /spec/replicas, value: 0}
"""
OTHERS = (Worker("service-1", SERVICE, "1"), Worker("service-2", SERVICE, "2", keep_alive=False), Worker("gateway-1", GATEWAY, "1"), Worker("gateway-2", GATEWAY, "2"))
ITS_OWN = Worker("to-the-dead", SERVICE, DEAD, rate=5)


@pytest.fixture(scope="module", autouse=True)
def admitted(up: Platform) -> Iterator[None]:
    load.admit(up.kubectl)
    yield
    load.refuse(up.kubectl)


@pytest.fixture(scope="module")
def killing(up: Platform) -> Iterator[str]:
    """A commit that takes the cell's pods away for good; undone at the end."""
    up.repository.edit(f"{OVERLAY}/cells/{DEAD}/kustomization.yaml", lambda text: text + NOBODY)
    commit = up.repository.commit(f"Nobody serves cell {DEAD}")
    yield commit
    if up.repository.head() == commit:
        up.argocd.await_revision(up.repository.revert(commit), f"cell-{DEAD}")


def test_a_cell_is_killed(up: Platform, killing: str, note) -> None:
    """All pods of a cell killed at once: zero failed requests for the others, an honest error for its own"""
    before = router.life(up.kubectl)
    with load.load(up.kubectl, up.settings.client_image, (*OTHERS, ITS_OWN)) as running:
        up.kubectl("delete", "pods", "--selector", "app.kubernetes.io/component=cell", "--grace-period=0", "--force", namespace=f"cell-{DEAD}")
        up.argocd.await_compared(killing, f"cell-{DEAD}")
        up.kubectl("delete", "pods", "--selector", "app.kubernetes.io/component=cell", "--grace-period=0", "--force", namespace=f"cell-{DEAD}", check=False)
        router.on_every_pod(up.kubectl, "every router to see it", lambda pod: router.cell_health(up.kubectl, pod)[f"nginx-{DEAD}"] != "healthy", 60)
    own = running.results.pop(ITS_OWN.name)
    assert not running.failures()
    assert router.life(up.kubectl) == before
    assert own.failed() > 0 and set(own.answers) <= {"200", "502", "503", "504"}, own
    slowest = max(each.slowest for each in running.results.values())
    note(f"{running.total} requests for the others, 0 failed, slowest {slowest * 1000:.0f} ms; its own: {dict(own.answers)}")


def test_ready_without_the_cell(up: Platform, killing: str) -> None:
    """The routers say which cell is gone, and are live and ready all the same"""
    for pod in router.pods(up.kubectl):
        assert router.management(up.kubectl, pod, "/live") and json.loads(router.management(up.kubectl, pod, "/ready"))["status"] == "ready"
        health = router.cell_health(up.kubectl, pod)
        assert (health["nginx-1"], health["nginx-2"]) == ("healthy", "healthy")


def test_the_alert_fires(up: Platform, killing: str, note) -> None:
    """The alert that a cell is down fires, for this cell, and reaches Alertmanager"""
    prometheus = Prometheus.of(up.kubectl)
    found = wait_until("the alert", lambda: [each for each in prometheus.firing(ALERT) if each["labels"].get("cell_id") == DEAD], 300, every=5)
    assert found[0]["annotations"]["runbook_url"]
    manager = Prometheus.of(up.kubectl, "alertmanager-operated")
    wait_until("the alert in Alertmanager", lambda: ALERT in manager.text("/api/v2/alerts"), 60)
    assert not [each for each in prometheus.firing(ALERT) if each["labels"].get("cell_id") != DEAD]
    note(f"{ALERT}: {found[0]['annotations']['summary']}")


def test_the_cell_comes_back(up: Platform, killing: str) -> None:
    """Once its pods are back the cell is served again, without touching a router"""
    before = router.life(up.kubectl)
    up.argocd.await_revision(up.repository.revert(killing), f"cell-{DEAD}")
    router.on_every_pod(up.kubectl, "every router to see it", lambda pod: router.cell_health(up.kubectl, pod)[f"nginx-{DEAD}"] == "healthy", 60)
    with load.load(up.kubectl, up.settings.client_image, (ITS_OWN,)) as running:
        say("  a few requests")
    assert not running.failures() and router.life(up.kubectl) == before

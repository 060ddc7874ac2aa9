"""A cell hangs, flaps, dies; the others do not notice, and somebody is told."""

import json
import time
from collections import Counter
from collections.abc import Iterator
from contextlib import contextmanager

import pytest

from lib import load, pods, router
from lib.load import GATEWAY, SERVICE, Worker
from lib.platform import OVERLAY, Platform
from lib.progress import say
from lib.prometheus import Prometheus
from lib.waiting import wait_until

pytestmark = pytest.mark.usefixtures("admitted")
DEAD = "3"
ALERT = "CellDown"
NOBODY = """patches:
  - target: {kind: Deployment}
    patch: |
      - {op: replace, path: /spec/replicas, value: 0}
"""
OTHERS = (Worker("service-1", SERVICE, "1"), Worker("service-2", SERVICE, "2", keep_alive=False), Worker("gateway-1", GATEWAY, "1"), Worker("gateway-2", GATEWAY, "2"))
ITS_OWN = Worker("to-the-dead", SERVICE, DEAD)
FRESH = Worker("to-it-anew", SERVICE, DEAD, keep_alive=False)
PATIENCE = 1.5  # seconds; of clients of the cell in trouble
# Enough of them for a breaker to judge by (20 outcomes in 10 s at each router), although each waits for its answer.
WAITING = tuple(Worker(f"waiting-{number}", SERVICE, DEAD, rate=2, keep_alive=False, headers=(f"X-Request-Timeout: {PATIENCE}",)) for number in range(16))
NGINX = "app.kubernetes.io/component=cell"
# Not the first process, which nobody may stop from inside, but the one that serves: the kernel goes on to accept, and nobody answers.
# The brackets keep the shell from finding itself.
SIGNAL = "for each in /proc/[0-9]*; do if grep -q '^nginx: worke[r] process' $each/cmdline 2>/dev/null; then kill -{signal} ${{each#/proc/}} && echo sent; fi; done"


def signal(up: Platform, pod: str, name: str) -> None:
    assert "sent" in up.kubectl.exec(pod, "sh", "-c", SIGNAL.format(signal=name), namespace=f"cell-{DEAD}", container="nginx")


@contextmanager
def stopped(up: Platform) -> Iterator[None]:
    """Every nginx of the cell is stopped, as `kill -STOP` does it, while the block runs."""
    names = [pod["metadata"]["name"] for pod in up.kubectl.list("pods", f"cell-{DEAD}", NGINX)]
    assert names
    try:
        for name in names:
            signal(up, name, "STOP")
        yield
    finally:
        for name in names:
            signal(up, name, "CONT")


def breakers(up: Platform) -> list[str]:
    return [router.cells(up.kubectl, pod)[DEAD]["breaker"] for pod in router.pods(up.kubectl)]


def await_return(up: Platform, timeout: float = 120) -> float:
    """Until every router serves the cell again; with requests to it, since breakers close by trials. The seconds that took."""
    began = time.monotonic()

    def serves(pod: dict) -> bool:
        cell = router.cells(up.kubectl, pod)[DEAD]
        return cell["health"] == "healthy" and cell["breaker"] == "closed"

    with load.load(up.kubectl, up.settings.client_image, (FRESH,), name="returning", lead=0):
        router.on_every_pod(up.kubectl, "every router to serve it", serves, timeout)
    return time.monotonic() - began


def is_served(up: Platform) -> None:
    with load.load(up.kubectl, up.settings.client_image, (ITS_OWN, FRESH)) as running:
        say("  a few requests")
    assert not running.failures()


def own_refusals(up: Platform, before: Counter) -> Counter:
    """Of the cell in trouble, by reason; there must be none of another one."""
    came = router.refusals(up.kubectl) - before
    assert {cell for cell, _ in came} == {DEAD}, came
    return Counter({reason: count for (_, reason), count in came.items()})


def told(reasons: Counter) -> str:
    return ", ".join(f"{count} {reason}" for reason, count in sorted(reasons.items()))


def test_a_cell_hangs(up: Platform, note) -> None:
    """All nginx of a cell stopped by `kill -STOP`: zero failed and no slower requests for the others, 504 and soon `breaker_open` for its own; served again once they go on"""
    life = router.life(up.kubectl)
    with load.load(up.kubectl, up.settings.client_image, OTHERS, name="calm") as calm:
        time.sleep(8)
    before = router.refusals(up.kubectl)
    with load.load(up.kubectl, up.settings.client_image, (*OTHERS, *WAITING)) as running:
        with stopped(up):
            wait_until("every breaker to open", lambda: "closed" not in breakers(up), 60, every=0.5)
            time.sleep(10)
            reasons = own_refusals(up, before)
    seconds = await_return(up)
    own = sum((running.results.pop(each.name).answers for each in WAITING), Counter())
    assert not calm.failures() and not running.failures()
    assert set(own) <= {"200", "502", "503", "504"} and own["504"], own
    assert reasons["breaker_open"] and reasons["deadline_exceeded"], reasons
    # Whoever had waited behind the hung cell would have waited for its clients' patience.
    assert running.p99() <= max(3 * calm.p99(), PATIENCE / 5), f"p99 {running.p99():.3f} s, before {calm.p99():.3f} s"
    assert router.life(up.kubectl) == life
    is_served(up)
    note(f"{running.total} requests for the others, 0 failed, p99 {running.p99() * 1000:.0f} ms, before {calm.p99() * 1000:.0f} ms; "
         f"its own: {dict(own)} ({told(reasons)}); served again after {seconds:.0f} s")


def test_a_cell_flaps(up: Platform, note) -> None:
    """All pods of a cell killed as soon as they are back, four times: zero failed requests for the others; served again after the last time"""
    life, before = router.life(up.kubectl), router.refusals(up.kubectl)
    with load.load(up.kubectl, up.settings.client_image, (*OTHERS, ITS_OWN, FRESH)) as running:
        for _ in range(4):
            gone = {pod["metadata"]["uid"] for pod in up.kubectl.list("pods", f"cell-{DEAD}", NGINX)}
            up.kubectl("delete", "pods", "--selector", NGINX, "--grace-period=0", "--force", namespace=f"cell-{DEAD}")
            wait_until("its next pods", lambda gone=gone: {each["metadata"]["uid"] for each in pods.ready_pods(up.kubectl, f"cell-{DEAD}", NGINX)} - gone, 60, every=0.5)
            time.sleep(2)
    seconds = await_return(up)
    own = sum((running.results.pop(each.name).answers for each in (ITS_OWN, FRESH)), Counter())
    assert not running.failures()
    assert set(own) <= {"200", "502", "503", "504"} and own["200"] and len(own) > 1, own
    reasons = own_refusals(up, before)
    assert router.life(up.kubectl) == life
    is_served(up)
    note(f"{running.total} requests for the others, 0 failed; its own: {dict(own)} ({told(reasons)}); served again after {seconds:.0f} s")


@pytest.fixture(scope="module")
def killing(up: Platform) -> Iterator[str]:
    """A commit that takes the cell's pods away for good; undone at the end."""
    up.repository.edit(f"{OVERLAY}/cells/{DEAD}/kustomization.yaml", lambda text: text + NOBODY)
    commit = up.repository.commit(f"Nobody serves cell {DEAD}")
    yield commit
    if up.repository.head() == commit:
        up.argocd.await_revision(up.repository.revert(commit), f"cell-{DEAD}")


def test_a_cell_is_killed(up: Platform, killing: str, note) -> None:
    """All pods of a cell killed at once: zero failed requests for the others, an honest error for its own, soon at once by `breaker_open`"""
    before, refused = router.life(up.kubectl), router.refusals(up.kubectl)
    with load.load(up.kubectl, up.settings.client_image, (*OTHERS, *WAITING)) as running:
        up.kubectl("delete", "pods", "--selector", "app.kubernetes.io/component=cell", "--grace-period=0", "--force", namespace=f"cell-{DEAD}")
        up.argocd.await_compared(killing, f"cell-{DEAD}")
        up.kubectl("delete", "pods", "--selector", "app.kubernetes.io/component=cell", "--grace-period=0", "--force", namespace=f"cell-{DEAD}", check=False)
        router.on_every_pod(up.kubectl, "every router to see it", lambda pod: router.cell_health(up.kubectl, pod)[f"nginx-{DEAD}"] != "healthy", 60)
        wait_until("every breaker to open", lambda: "closed" not in breakers(up), 60, every=0.5)
        time.sleep(2)
        reasons = own_refusals(up, refused)
    own = sum((running.results.pop(each.name).answers for each in WAITING), Counter())
    assert not running.failures()
    assert router.life(up.kubectl) == before
    assert set(own) <= {"200", "502", "503", "504"}, own
    assert reasons["breaker_open"] and set(reasons) & {"cell_connect_failed", "cell_connect_timeout", "deadline_exceeded"}, reasons
    slowest = max(each.slowest for each in running.results.values())
    note(f"{running.total} requests for the others, 0 failed, slowest {slowest * 1000:.0f} ms; its own: {dict(own)} ({told(reasons)})")


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
    await_return(up)
    is_served(up)
    assert router.life(up.kubectl) == before

"""The HorizontalPodAutoscaler follows the load, up and down; a rate follows the number of routers."""

import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass

import pytest

from lib import load, router
from lib.kubectl import Object
from lib.load import GATEWAY, SERVICE, Worker
from lib.platform import OVERLAY, Platform
from lib.waiting import NotYet, wait_until

pytestmark = pytest.mark.usefixtures("admitted")
# A fifth of what is asked for else, so that a small load is much; and no five minutes of patience before going down.
# Of the autoscaler alone: smaller requests would need a rollout, and the CPU of the pods that start would count as load.
SHRUNKEN = """patches:
  - target: {kind: HorizontalPodAutoscaler, name: cell-router}
    patch: |
      - {op: replace, path: /spec/metrics/0/resource/target/averageUtilization, value: 14}
      - {op: replace, path: /spec/behavior/scaleDown, value: {stabilizationWindowSeconds: 15, policies: [{type: Pods, value: 4, periodSeconds: 15}]}}
"""
# As many as are asked for, and no patience before going down.
NUMBER = """patches:
  - target: {kind: HorizontalPodAutoscaler, name: cell-router}
    patch: |
      - {op: replace, path: /spec/minReplicas, value: NUMBER}
      - {op: replace, path: /spec/maxReplicas, value: NUMBER}
      - {op: replace, path: /spec/behavior/scaleDown, value: {stabilizationWindowSeconds: 15, policies: [{type: Pods, value: 4, periodSeconds: 15}]}}
"""
RATE = 8
WORKERS = tuple(Worker(f"service-{number}", SERVICE, str(number % 3 + 1), rate=40) for number in range(3)) + (Worker("gateway", GATEWAY, "1", rate=40),)


@pytest.fixture
def shrunken(up: Platform) -> Iterator[None]:
    with committed(up, "A small load is much", SHRUNKEN):
        yield


@contextmanager
def committed(up: Platform, message: str, patches: str, cells: Callable[[str], str] | None = None) -> Iterator[None]:
    """While the block runs, Git has these patches of the routers, and the cells as changed."""
    before = up.repository.head()
    up.repository.edit(f"{OVERLAY}/router/kustomization.yaml",
                       lambda text: text.replace("patches:\n", patches) if "\npatches:\n" in text else text + patches)
    if cells:
        up.repository.edit(f"{OVERLAY}/router/cells.yaml", cells)
    commit = up.repository.commit(message)
    up.argocd.await_revision(commit, "router", timeout=180)
    try:
        yield
    finally:
        up.repository.git("checkout", "--quiet", before, "--", OVERLAY)
        up.argocd.await_revision(up.repository.commit(f"No more: {message}"), "router", timeout=180)


@dataclass(frozen=True)
class Scaling:
    replicas: int
    used: int  # CPU, in per cent of the request

    @staticmethod
    def of(hpa: Object) -> "Scaling":
        status = hpa["status"]
        used = [each["resource"]["current"].get("averageUtilization", 0) for each in status.get("currentMetrics") or [] if each.get("resource")]
        return Scaling(status.get("currentReplicas", 0), used[0] if used else 0)


def await_scaling(up: Platform, what: str, holds: Callable[[Scaling], bool], timeout: float) -> Scaling:
    def probe() -> Scaling:
        seen = Scaling.of(up.kubectl.get("hpa", "cell-router", "cell-router"))
        if not holds(seen):
            raise NotYet(f"{seen.replicas} routers, CPU at {seen.used} % of the request")
        return seen

    return wait_until(what, probe, timeout, every=2)


def test_up_and_down(up: Platform, shrunken: None, note) -> None:
    """Under load there are more routers, after it two again; zero failed requests"""
    quiet = await_scaling(up, "two idle routers", lambda seen: seen.replicas == 2 and 0 < seen.used <= 10, 120)
    with load.load(up.kubectl, up.settings.client_image, WORKERS) as running:
        busy = await_scaling(up, "more than two routers", lambda seen: seen.replicas > 2, 150)
        wait_until("one more ready router", lambda: len(router.uids(up.kubectl)) > 2, 60)
    after = await_scaling(up, "two routers again", lambda seen: seen.replicas == 2, 180)
    router.await_rollout(up.kubectl)
    assert not running.failures()
    note(f"{quiet.replicas} routers at {quiet.used} % → {busy.replicas} at {busy.used} % → {after.replicas}; {running.total} requests, 0 failed")


def limited(text: str) -> str:
    return text.replace("    name: nginx-3\n", f"    name: nginx-3\n    rate: {RATE}\n    burst: {RATE}\n")


def admitted_by(up: Platform, replicas: int) -> float:
    """How many requests a second come through, of five times as many as may; each on a connection of its own, thus to any router."""
    def probe() -> bool:
        found = [router.metric(up.kubectl, pod, "router_rate_replicas") for pod in router.pods(up.kubectl)]
        if found != [replicas] * replicas:
            raise NotYet(f"rates are divided by {found}")
        return True

    wait_until(f"{replicas} routers that know of each other", probe, 150, every=2)
    router.await_mounted(up.kubectl, "the rate to be in force", lambda pod: router.cells(up.kubectl, pod)["3"]["limits"]["rate"] == RATE)
    workers = tuple(Worker(f"limited-{number}", SERVICE, "3", rate=RATE, keep_alive=False) for number in range(5))
    with load.load(up.kubectl, up.settings.client_image, (*workers, Worker("free", SERVICE, "1"))) as running:
        time.sleep(10)
    free = running.results.pop("free")
    answers = running.answers()
    assert not free.failed() and set(answers) == {"200", "429"}, (free, answers)
    assert answers.total() > 3 * RATE * running.seconds, f"too few requests to tell: {answers} in {running.seconds:.0f} s"
    # The burst comes once; then the rate, whatever the number of routers. Undivided it would be twice or four times that.
    assert RATE * running.seconds * 0.6 <= answers["200"] <= (RATE * running.seconds + RATE) * 1.3, f"{answers} in {running.seconds:.1f} s"
    return answers["200"] / running.seconds


def test_rates_are_the_fleets(up: Platform, note) -> None:
    """A cell's rate is divided by the number of routers, which they find in DNS: two let through as much as four, cell 1 is not limited, no router restarts"""
    before = router.life(up.kubectl)
    with committed(up, "A rate for a cell", NUMBER.replace("NUMBER", "2"), limited):
        await_scaling(up, "two routers", lambda seen: seen.replicas == 2, 180)
        two = admitted_by(up, 2)
    with committed(up, "A rate for a cell, and four routers", NUMBER.replace("NUMBER", "4"), limited):
        await_scaling(up, "four routers", lambda seen: seen.replicas == 4, 120)
        router.await_rollout(up.kubectl)
        four = admitted_by(up, 4)
    with committed(up, "Two routers again", NUMBER.replace("NUMBER", "2")):
        await_scaling(up, "two routers again", lambda seen: seen.replicas == 2, 180)
        router.await_rollout(up.kubectl)
    router.await_mounted(up.kubectl, "the rate to be gone", lambda pod: router.cells(up.kubectl, pod)["3"]["limits"]["rate"] == 0)
    assert router.life(up.kubectl) == before
    note(f"{RATE} a second allowed, five times as many asked for; 2 routers let {two:.1f} through, 4 routers {four:.1f}")

"""The HorizontalPodAutoscaler follows the load, up and down."""

from collections.abc import Callable, Iterator
from dataclasses import dataclass

import pytest

from lib import load, router
from lib.kubectl import Object
from lib.load import GATEWAY, SERVICE, Worker
from lib.platform import OVERLAY, Platform
from lib.waiting import NotYet, wait_until

# A fifth of what is asked for else, so that a small load is much; and no five minutes of patience before going down.
# Of the autoscaler alone: smaller requests would need a rollout, and the CPU of the pods that start would count as load.
SHRUNKEN = """patches:
  - target: {kind: HorizontalPodAutoscaler, name: cell-router}
    patch: |
      - {op: replace, path: /spec/metrics/0/resource/target/averageUtilization, value: 14}
      - {op: replace, path: /spec/behavior/scaleDown, value: {stabilizationWindowSeconds: 15, policies: [{type: Pods, value: 4, periodSeconds: 15}]}}
"""
WORKERS = tuple(Worker(f"service-{number}", SERVICE, str(number % 3 + 1), rate=40) for number in range(3)) + (Worker("gateway", GATEWAY, "1", rate=40),)


@pytest.fixture(scope="module", autouse=True)
def shrunken(up: Platform) -> Iterator[None]:
    load.admit(up.kubectl)
    up.repository.edit(f"{OVERLAY}/router/kustomization.yaml", with_patches)
    commit = up.repository.commit("A small load is much")
    up.argocd.await_revision(commit, "router", timeout=180)
    yield
    load.refuse(up.kubectl)
    up.argocd.await_revision(up.repository.revert(commit), "router", timeout=180)


def with_patches(text: str) -> str:
    return text.replace("patches:\n", SHRUNKEN) if "\npatches:\n" in text else text + SHRUNKEN


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


def test_up_and_down(up: Platform, note) -> None:
    """Under load there are more routers, after it two again; zero failed requests"""
    quiet = await_scaling(up, "two idle routers", lambda seen: seen.replicas == 2 and 0 < seen.used <= 10, 120)
    with load.load(up.kubectl, up.settings.client_image, WORKERS) as running:
        busy = await_scaling(up, "more than two routers", lambda seen: seen.replicas > 2, 150)
        wait_until("one more ready router", lambda: len(router.uids(up.kubectl)) > 2, 60)
    after = await_scaling(up, "two routers again", lambda seen: seen.replicas == 2, 180)
    router.await_rollout(up.kubectl)
    assert not running.failures()
    note(f"{quiet.replicas} routers at {quiet.used} % → {busy.replicas} at {busy.used} % → {after.replicas}; {running.total} requests, 0 failed")

"""The HorizontalPodAutoscaler follows the load, up and down."""

from collections.abc import Iterator

import pytest

from lib import load, router
from lib.load import GATEWAY, SERVICE, Worker
from lib.platform import OVERLAY, Platform
from lib.waiting import NotYet, wait_until

# A tenth of the request, so that a small load is much; and no five minutes of patience before going down.
SHRUNKEN = """patches:
  - target: {kind: Deployment, name: cell-router}
    patch: |
      - {op: replace, path: /spec/template/spec/containers/0/resources/requests/cpu, value: 10m}
  - target: {kind: HorizontalPodAutoscaler, name: cell-router}
    patch: |
      - {op: replace, path: /spec/behavior/scaleDown, value: {stabilizationWindowSeconds: 15, policies: [{type: Pods, value: 4, periodSeconds: 15}]}}
"""
WORKERS = tuple(Worker(f"service-{number}", SERVICE, str(number % 3 + 1), rate=40) for number in range(3)) + (Worker("gateway", GATEWAY, "1", rate=40),)


@pytest.fixture(scope="module", autouse=True)
def shrunken(up: Platform) -> Iterator[None]:
    load.admit(up.kubectl)
    up.repository.edit(f"{OVERLAY}/router/kustomization.yaml", with_patches)
    commit = up.repository.commit("Requests for a small load")
    up.argocd.await_revision(commit, "router", timeout=180)
    router.await_rollout(up.kubectl)
    yield
    load.refuse(up.kubectl)
    up.argocd.await_revision(up.repository.revert(commit), "router", timeout=180)
    router.await_rollout(up.kubectl)


def with_patches(text: str) -> str:
    return text.replace("patches:\n", SHRUNKEN) if "\npatches:\n" in text else text + SHRUNKEN


def test_up_and_down(up: Platform, note) -> None:
    """Under load there are more routers, after it two again; zero failed requests"""
    seen: list[int] = []

    def replicas(holds) -> int:
        hpa = up.kubectl.get("hpa", "cell-router", "cell-router")
        current, wanted = hpa["status"].get("currentReplicas", 0), hpa["status"].get("desiredReplicas", 0)
        used = [each["resource"]["current"].get("averageUtilization") for each in hpa["status"].get("currentMetrics") or [] if each.get("resource")]
        seen.append(current)
        if not holds(current):
            raise NotYet(f"{current} routers, {wanted} wanted, CPU at {used} % of the request")
        return current

    with load.load(up.kubectl, up.settings.client_image, WORKERS) as running:
        most = wait_until("more than two routers", lambda: replicas(lambda count: count > 2), 150, every=2)
        wait_until("one more ready router", lambda: len(router.uids(up.kubectl)) > 2, 60)
    wait_until("two routers again", lambda: replicas(lambda count: count == 2), 180, every=2)
    router.await_rollout(up.kubectl)
    assert not running.failures()
    note(f"2 → {max(most, *seen)} → 2 routers, {running.total} requests, 0 failed")

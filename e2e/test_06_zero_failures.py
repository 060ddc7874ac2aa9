"""Routers come and go under load, and no request notices."""

import json
import subprocess
from collections.abc import Callable, Iterator

import pytest

from lib import load, router
from lib.kubectl import Kubectl, condition, is_ready
from lib.platform import OVERLAY, Platform, set_image
from lib.prometheus import Prometheus
from lib.waiting import NotYet, wait_until

pytestmark = pytest.mark.usefixtures("admitted")
CELLS = f"{OVERLAY}/router/cells.yaml"


def show(running: load.Load, note) -> None:
    assert not running.failures()
    slowest = max(each.slowest for each in running.results.values())
    note(f"{running.total} requests, 0 failed, slowest {slowest * 1000:.0f} ms")


def test_rolling_restart(up: Platform, note) -> None:
    """A rolling restart under load: zero failed requests"""
    before = router.uids(up.kubectl)
    with load.load(up.kubectl, up.settings.client_image) as running:
        up.kubectl("rollout", "restart", "deployment/cell-router", namespace="cell-router")
        router.await_rollout(up.kubectl)
    assert len(before) >= 2 and not before & router.uids(up.kubectl)
    show(running, note)


def test_new_version(up: Platform, note) -> None:
    """A commit with another image, rolled out by Argo CD under load: zero failed requests"""
    if not up.settings.image_loader:
        pytest.skip("no IMAGE_LOADER, so there is no second image to bring to the cluster")
    before = {pod["status"]["containerStatuses"][0]["imageID"] for pod in router.pods(up.kubectl)}
    with load.load(up.kubectl, up.settings.client_image) as running:
        set_image(up.repository, up.next_image())
        up.argocd.await_revision(up.repository.commit("Another image"), "router", timeout=180)
        router.await_rollout(up.kubectl)
    images = {pod["spec"]["containers"][0]["image"] for pod in router.pods(up.kubectl)}
    assert images == {up.next_image()}
    assert not before & {pod["status"]["containerStatuses"][0]["imageID"] for pod in router.pods(up.kubectl)}
    show(running, note)


@pytest.fixture
def bad(up: Platform) -> Iterator[str]:
    """A commit with a configuration that the routers refuse, delivered; undone at the end."""
    up.task("scale", "MIN=2", "MAX=2")  # a third router would not start
    up.repository.edit(CELLS, lambda text: text.replace("    name: nginx-2\n", "    nmae: nginx-2\n"))
    commit = up.repository.commit("A misspelt member")
    up.argocd.await_revision(commit, "router", timeout=180)
    router.await_number(up.kubectl, 2)
    yield commit
    up.repository.git("checkout", "--quiet", f"{commit}~", "--", OVERLAY)
    up.argocd.await_revision(up.repository.commit("Cells as before"), "router", timeout=180)
    await_config(up, "current")
    router.await_rollout(up.kubectl)


def await_config(up: Platform, status: str, problem: str = "") -> None:
    def holds(pod: dict) -> bool:
        seen = router.config(up.kubectl, pod)
        return seen["status"] == status and problem in (seen["problem"] or "")

    router.await_mounted(up.kubectl, f"every router to call its configuration {status}", holds)


def test_bad_configuration(up: Platform, bad: str, note) -> None:
    """Configurations that the routers refuse, in Git, under load: they go by the last good one and say so; the next good one is in force without a restart; zero failed requests"""
    before, prometheus = router.life(up.kubectl), Prometheus.of(up.kubectl)
    uids = router.uids(up.kubectl)
    with load.load(up.kubectl, up.settings.client_image) as running:
        await_config(up, "stale", "nmae")
        for pod in router.pods(up.kubectl):
            assert router.metric(up.kubectl, pod, "router_config_stale") == 1
            assert json.loads(router.management(up.kubectl, pod, "/health"))["config"] == "stale"
            assert "line " in router.config(up.kubectl, pod)["problem"]
            assert router.cells(up.kubectl, pod)["2"]["name"] == "nginx-2"
        wait_until("Prometheus to know", lambda: prometheus.value('min(router_config_stale{job="cell-router"})') == 1, 60)
        commit(up, lambda text: text.replace("cells:\n", "cells: {\n", 1), "No YAML at all")
        router.await_mounted(up.kubectl, "every router to refuse that too", lambda pod: "nmae" not in (router.config(up.kubectl, pod)["problem"] or "nmae"))
        assert all(router.metric(up.kubectl, pod, "router_config_stale") == 1 for pod in router.pods(up.kubectl))
        good = up.repository.git("show", f"{bad}~:{CELLS}") + "\n"
        commit(up, lambda _: good.replace("    name: nginx-2\n", "    name: nginx-2\n    max_in_flight: 64\n"), "A good one")
        router.await_mounted(up.kubectl, "the good one to be in force", lambda pod: router.cells(up.kubectl, pod)["2"]["limits"]["max_in_flight"] == 64)
        await_config(up, "current")
        assert all(router.metric(up.kubectl, pod, "router_config_stale") == 0 for pod in router.pods(up.kubectl))
    assert (router.life(up.kubectl), router.uids(up.kubectl)) == (before, uids)
    show(running, note)


def commit(up: Platform, change: Callable[[str], str], message: str) -> None:
    up.repository.edit(CELLS, change)
    up.argocd.await_revision(up.repository.commit(message), "router", timeout=180)


def test_restart_with_a_bad_configuration(up: Platform, bad: str, note) -> None:
    """A restart while the configuration is bad: the rollout stops at the first new pod, which says why; the old ones serve on"""
    before = router.uids(up.kubectl)
    with load.load(up.kubectl, up.settings.client_image) as running:
        up.kubectl("rollout", "restart", "deployment/cell-router", namespace="cell-router")
        message = wait_until("a new pod to refuse its configuration", lambda: refusal(up.kubectl), 90)
        assert "nmae" in message
        assert router.uids(up.kubectl) == before
    show(running, note)


def refusal(kubectl: Kubectl) -> str | None:
    """What a new pod said before it ended with 2."""
    for pod in router.pods(kubectl):
        for status in pod["status"].get("containerStatuses", []):
            ended = status["state"].get("terminated") or status["lastState"].get("terminated")
            if ended and ended["exitCode"] == 2 and not is_ready(pod):
                return kubectl("logs", pod["metadata"]["name"], "--tail=20", namespace="cell-router")
    return None


def test_drain(up: Platform, note) -> None:
    """`kubectl drain` under load: the PodDisruptionBudget lets one pod go at a time; zero failed requests"""
    node = next(pod["spec"]["nodeName"] for pod in router.pods(up.kubectl) if is_ready(pod))
    leaving = {pod["metadata"]["uid"] for pod in router.pods(up.kubectl) if pod["spec"]["nodeName"] == node}
    alone = len([each for each in up.kubectl.list("nodes") if not each["spec"].get("unschedulable")]) == 1
    command = ["kubectl", "drain", node, "--ignore-daemonsets", "--delete-emptydir-data", "--pod-selector", router.LABELS, "--timeout=180s"]
    with load.load(up.kubectl, up.settings.client_image) as running:
        drain = subprocess.Popen(command, stdin=subprocess.DEVNULL, stdout=subprocess.PIPE, stderr=subprocess.STDOUT, text=True)
        try:
            if alone:  # what takes the drained pods' place has nowhere to go, until the node is back in service
                wait_until("a replacement that finds no node", lambda: pending(up.kubectl), 60)
                held_by_the_budget(up.kubectl)
                up.kubectl("uncordon", node)
            said = drain.communicate(timeout=200)[0]
        finally:
            drain.kill()
            up.kubectl("uncordon", node)
        router.await_rollout(up.kubectl)
    assert drain.returncode == 0, said
    if alone:
        assert "would violate the pod's disruption budget" in said, said
    assert leaving and not leaving & router.uids(up.kubectl)
    show(running, note)


def pending(kubectl: Kubectl) -> bool:
    found = [f"{pod['metadata']['name']} {pod['status']['phase']}" for pod in router.pods(kubectl)]
    if not any(each.endswith("Pending") for each in found):
        raise NotYet(", ".join(found))
    return True


def held_by_the_budget(kubectl: Kubectl) -> None:
    """With one of two gone, the budget allows nothing more, and the other one serves."""
    budget = wait_until("the budget to be used up", lambda: full(kubectl.get("pdb", "cell-router", "cell-router")), 30)
    assert budget["status"]["currentHealthy"] >= 1
    last = next(pod for pod in router.pods(kubectl) if is_ready(pod))
    with pytest.raises(AssertionError, match="disruption budget"):
        kubectl.evict(last["metadata"]["name"], "cell-router")
    assert condition(kubectl.get("pod", last["metadata"]["name"], "cell-router"), "Ready") == "True"


def full(budget: dict) -> dict | None:
    return budget if budget["status"]["disruptionsAllowed"] == 0 and budget["status"]["currentHealthy"] < budget["status"]["expectedPods"] else None

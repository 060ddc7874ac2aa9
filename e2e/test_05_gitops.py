"""The repository is the truth: what differs is set right, what is gone from it goes."""

import pytest

from lib import load, router
from lib.command import run
from lib.load import GATEWAY, SERVICE, Worker
from lib.platform import Platform
from lib.waiting import wait_until

KINDS = "deployments,services,networkpolicies,servicemonitors.monitoring.coreos.com,poddisruptionbudgets"
OTHERS = (Worker("service-1", SERVICE, "1"), Worker("service-3", SERVICE, "3", keep_alive=False), Worker("gateway-1", GATEWAY, "1"))


def test_self_heal_of_a_change(up: Platform) -> None:
    """A Service changed by hand is set back"""
    up.kubectl("patch", "service", "nginx-1", "--type=merge", "-p", '{"spec":{"selector":{"app.kubernetes.io/name":"somebody-else"}}}', namespace="cell-1")
    wait_until("the selector to be as in Git",
               lambda: up.kubectl.get("service", "nginx-1", "cell-1")["spec"]["selector"]["app.kubernetes.io/name"] == "nginx", 60, every=0.5)


def test_self_heal_of_a_deletion(up: Platform) -> None:
    """A network policy deleted by hand comes back"""
    before = up.kubectl.get("networkpolicy", "default-deny", "cell-router")["metadata"]["uid"]
    up.kubectl.delete("networkpolicy", "default-deny", "cell-router")
    after = wait_until("the policy to be back", lambda: up.kubectl.find("networkpolicy", "default-deny", "cell-router"), 60, every=0.5)
    assert after["metadata"]["uid"] != before


@pytest.fixture(scope="module")
def change(up: Platform) -> str:
    """A fourth cell, and the second one taken out of service, as the tasks write it."""
    up.task("new-cell", "ID=4")
    up.task("drain-cell", "ID=2")
    return up.repository.commit("A fourth cell; the second one drains")


def ask(port: int, cell: str) -> tuple[str, str]:
    answer = run("curl", "-s", "-w", "%{http_code} %header{retry-after}", f"http://127.0.0.1:{port}/api/route", "-H", "Content-Type: application/json",
                 "-d", f'{{"cellID":"{cell}"}}')
    body, status = answer[: answer.rindex("}") + 1], answer[answer.rindex("}") + 1 :]
    return status, body


@pytest.mark.usefixtures("admitted")
def test_new_cell_and_drained_cell(up: Platform, gateway: int, change: str, note) -> None:
    """`task new-cell ID=4` and `task drain-cell ID=2`, committed: the new cell answers, the drained one is refused with the reason, no router restarts, the others notice nothing"""
    before = router.life(up.kubectl)
    with load.load(up.kubectl, up.settings.client_image, OTHERS) as running:
        up.argocd.refresh()
        wait_until("cell-4 to be there", lambda: "cell-4" in up.argocd.applications(), 120)
        up.argocd.await_revision(change, "cell-4", "router", "namespaces", "root", timeout=180)
        router.await_mounted(up.kubectl, "every router to know both",
                             lambda pod: "4" in (cells := router.cells(up.kubectl, pod)) and cells["2"]["state"] == "draining")
        assert ask(gateway, "4")[0].startswith("200") and '"upstream":"nginx-4"' in ask(gateway, "4")[1]
        status, body = ask(gateway, "2")
        assert status.split()[0] == "503" and int(status.split()[1]) >= 1 and '"reason":"cell_draining"' in body
    assert not running.failures()
    assert router.life(up.kubectl) == before, "a change of the cells is no rollout"
    note(f"{running.total} requests for cells 1 and 3, 0 failed")


@pytest.mark.usefixtures("admitted")
def test_prune(up: Platform, gateway: int, change: str, note) -> None:
    """The commit reverted: the fourth cell's Application and objects are gone, only its namespace stays, the second cell serves; the others notice nothing"""
    with load.load(up.kubectl, up.settings.client_image, OTHERS) as running:
        reverted = up.repository.revert(change)
        up.argocd.refresh()
        wait_until("cell-4 to be gone", lambda: "cell-4" not in up.argocd.applications(), 120)
        wait_until("its objects to be gone", lambda: not up.kubectl.list(KINDS, "cell-4"), 120)
        up.argocd.await_revision(reverted, "router", "namespaces", "root", timeout=180)
        router.await_mounted(up.kubectl, "every router to know it",
                             lambda pod: "4" not in (cells := router.cells(up.kubectl, pod)) and cells["2"]["state"] == "active")
        assert ask(gateway, "2")[0].startswith("200") and ask(gateway, "4")[0].startswith("422")
    assert not running.failures()
    # A commit does not take a namespace with a cell's data away; somebody does.
    assert up.kubectl.get("namespace", "cell-4")["status"]["phase"] == "Active"
    up.kubectl.delete("namespace", "cell-4", wait=False)
    note(f"{running.total} requests for cells 1 and 3, 0 failed")


def test_replicas_are_the_autoscalers(up: Platform) -> None:
    """The number of routers is not set back by Argo CD: it is the HorizontalPodAutoscaler's"""
    state = up.argocd.applications()["router"]
    assert state.well, state
    assert up.kubectl.get("deployment", "cell-router", "cell-router")["spec"]["replicas"] >= 2

"""The repository is the truth: what differs is set right, what is gone from it goes."""

from lib.platform import OVERLAY, Platform
from lib.waiting import wait_until

ROUTER = f"{OVERLAY}/router/kustomization.yaml"


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


def test_prune(up: Platform) -> None:
    """An object that a commit adds appears; once a commit takes it out, it is gone"""
    extra = "  - name: e2e-extra\n    literals: [a=b]\n    options: {disableNameSuffixHash: true}\n"
    up.repository.edit(ROUTER, lambda text: text.replace("configMapGenerator:\n", f"configMapGenerator:\n{extra}"))
    added = up.repository.commit("One more ConfigMap")
    up.argocd.await_revision(added, "router")
    assert up.kubectl.get("configmap", "e2e-extra", "cell-router")["data"] == {"a": "b"}
    up.argocd.await_revision(up.repository.revert(added), "router")
    wait_until("the ConfigMap to be gone", lambda: up.kubectl.find("configmap", "e2e-extra", "cell-router") is None, 30)


def test_replicas_are_the_autoscalers(up: Platform) -> None:
    """The number of routers is not set back by Argo CD: it is the HorizontalPodAutoscaler's"""
    state = up.argocd.applications()["router"]
    assert state.well, state
    assert up.kubectl.get("deployment", "cell-router", "cell-router")["spec"]["replicas"] >= 2

"""Argo CD brings in the whole platform, wave after wave."""

import time
from concurrent.futures import ThreadPoolExecutor

import pytest

from lib import load
from lib.argocd import NAMESPACE, ArgoCD, State
from lib.platform import Platform
from lib.progress import say
from lib.waiting import NotYet, wait_until

WAVES = {"namespaces": 0, "platform": 2, "cell-1": 4, "cell-2": 4, "cell-3": 4, "router": 5, "alert-rules": 6, "dashboards": 6}


class Watch:
    """When each Application was there, and when it was first well; by this machine's clock and the API server's stamps."""

    def __init__(self, argocd: ArgoCD):
        self._argocd = argocd
        self.created: dict[str, str] = {}
        self.first_well: dict[str, float] = {}
        self.first_seen: dict[str, float] = {}

    def look(self) -> bool:
        states = self._argocd.applications()
        for name, state in states.items():
            self.first_seen.setdefault(name, time.monotonic())
            self.created[name] = state.created
            if state.well and name not in self.first_well:
                self.first_well[name] = time.monotonic()
                say(f"  wave {state.wave}: {name} is well")
        waiting = [str(states[name]) if name in states else f"{name} not there" for name in WAVES if not (name in states and states[name].well)]
        if waiting:
            raise NotYet("; ".join(waiting))
        return True


@pytest.fixture(scope="module")
def watch(argocd: ArgoCD) -> Watch:
    return Watch(argocd)


def test_bootstrap(up: Platform, watch: Watch, note) -> None:
    """`task deploy-argocd` and `task bootstrap-apps` bring in everything: each Application becomes healthy and synced"""
    up.task("deploy-argocd")
    with ThreadPoolExecutor(1) as pool:
        task = pool.submit(up.task, "bootstrap-apps", timeout=400)
        wait_until("all Applications to be well", watch.look, 300, every=0.5)
        said = task.result(timeout=120)
    assert f"{len(WAVES)} of {len(WAVES)}" in said, said
    wait_until("the root to be well", lambda: up.argocd.applications()["root"].well, 60)
    note(f"{len(WAVES)} Applications")


def test_waves(watch: Watch, note) -> None:
    """No Application is created before all of the wave before it are healthy and synced"""
    for name, wave in WAVES.items():
        for earlier in (each for each, number in WAVES.items() if number < wave):
            # Both times are of the same polls, half a second apart: what is seen late on one side is late on the other.
            assert watch.first_well[earlier] <= watch.first_seen[name] + 0.5, f"{name} (wave {wave}) was there before {earlier} was well"
    order = sorted(watch.first_seen, key=watch.first_seen.__getitem__)
    note(" → ".join(name for name in order if name in WAVES))


def test_waves_are_those_of_the_docs(up: Platform) -> None:
    """The waves on the objects are those of docs/deployment.md"""
    states: dict[str, State] = up.argocd.applications()
    assert {name: states[name].wave for name in WAVES} == WAVES


def test_nothing_is_left_out(up: Platform) -> None:
    """Every object of every Application is there, and Argo CD finds no difference"""
    for name in WAVES:
        resources = up.kubectl.get("applications.argoproj.io", name, NAMESPACE)["status"]["resources"]
        wrong = [f"{each['kind']} {each['name']}: {each.get('status')}" for each in resources if each.get("status") != "Synced"]
        assert resources and not wrong, f"{name}: {wrong}"


def test_own_namespace(up: Platform) -> None:
    """A namespace for the suite's own load, restricted like the others"""
    labels = {"pod-security.kubernetes.io/enforce": "restricted", "app.kubernetes.io/managed-by": "e2e"}
    up.kubectl.apply({"apiVersion": "v1", "kind": "Namespace", "metadata": {"name": load.NAMESPACE, "labels": labels}})

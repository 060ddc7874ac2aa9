"""Each allowed path of the network policies is open, each other one closed, from real pods."""

from collections.abc import Iterator
from dataclasses import dataclass

import pytest

from lib import load, pods
from lib.kubectl import Kubectl, Object
from lib.platform import Platform

CELLS = ("1", "2", "3")
ROUTER = {"app.kubernetes.io/name": "cell-router", "app.kubernetes.io/instance": "cell-router", "app.kubernetes.io/component": "router"}


def cell_labels(cell: str) -> dict[str, str]:
    return {"app.kubernetes.io/name": "nginx", "app.kubernetes.io/instance": f"nginx-{cell}", "app.kubernetes.io/component": "cell",
            "cell-router.io/cell": cell}


@dataclass(frozen=True)
class Source:
    namespace: str
    labels: dict[str, str]
    allowed: frozenset[str]
    guarded: bool = True  # the project's policies hold for what it sends, so that the targets beyond the project count too


PROJECT = ("router:8000", "router:9000", *(f"cell-{cell}:{port}" for cell in CELLS for port in (8080, 9113)))
BEYOND = ("dns:53", "dns:53/udp", "api-server:443", "gateway:8000", "prometheus:9090")
SOURCES = {
    "gateway": Source("traefik", {}, frozenset({"router:8000"}), guarded=False),
    "monitoring": Source("monitoring", {}, frozenset({"router:9000", *(f"cell-{cell}:9113" for cell in CELLS)}), guarded=False),
    "router": Source("cell-router", ROUTER, frozenset({*(f"cell-{cell}:8080" for cell in CELLS), "dns:53", "dns:53/udp"})),
    "stranger beside the routers": Source("cell-router", {}, frozenset()),
    "cell-1": Source("cell-1", cell_labels("1"), frozenset()),
    "stranger beside cell-1": Source("cell-1", {}, frozenset()),
    "router's labels in another namespace": Source(load.NAMESPACE, ROUTER, frozenset(), guarded=False),
}


def name_of(source: str) -> str:
    return "e2e-" + source.replace(" ", "-").replace("'", "")


@pytest.fixture(scope="module")
def clients(up: Platform) -> Iterator[None]:
    """One pod a source. None becomes ready, so that no Service sends requests to those with a real pod's labels."""
    image = up.settings.client_image
    pods.start(up.kubectl, *(pods.client(name_of(name), each.namespace, image, each.labels, ready=False) for name, each in SOURCES.items()))
    yield
    pods.remove_all(up.kubectl)


@pytest.fixture(scope="module")
def targets(up: Platform) -> dict[str, str]:
    """Addresses of pods, since policies judge those; of the API server and DNS their Services', which always stay."""
    found = {"router": address(up.kubectl, "cell-router", "app.kubernetes.io/component=router"),
             "gateway": address(up.kubectl, "traefik", "app.kubernetes.io/name=traefik"),
             "prometheus": address(up.kubectl, "monitoring", "app.kubernetes.io/name=prometheus"),
             "dns": address(up.kubectl, "kube-system", "k8s-app=kube-dns"),
             "api-server": up.kubectl.get("service", "kubernetes", "default")["spec"]["clusterIP"]}
    return found | {f"cell-{cell}": address(up.kubectl, f"cell-{cell}", "app.kubernetes.io/component=cell") for cell in CELLS}


def address(kubectl: Kubectl, namespace: str, labels: str) -> str:
    ready: list[Object] = pods.ready_pods(kubectl, namespace, labels)
    assert ready, f"no ready pod in {namespace} with {labels}"
    return ready[0]["status"]["podIP"]


def open_from(kubectl: Kubectl, source: str, wanted: tuple[str, ...], addresses: dict[str, str]) -> set[str]:
    """All at once: a closed path answers nothing, and takes as long as we are willing to wait."""
    lines = []
    for target in wanted:
        name, port = target.split(":")
        if port.endswith("/udp"):
            attempt = f"timeout 4 nslookup kubernetes.default.svc.cluster.local {addresses[name]} >/dev/null 2>&1"
        else:
            attempt = f"nc -z -w 3 {addresses[name]} {port} </dev/null >/dev/null 2>&1"
        lines.append(f"({attempt} && echo {target}) &")
    script = "\n".join([*lines, "wait"])
    return set(kubectl.exec(name_of(source), "sh", "-c", script, namespace=SOURCES[source].namespace).split())


@pytest.mark.parametrize("source", SOURCES)
def test_paths(source: str, up: Platform, clients: None, targets: dict[str, str], note) -> None:
    """The paths from each source are open and closed as they should be"""
    each = SOURCES[source]
    wanted = PROJECT + BEYOND if each.guarded else PROJECT
    found = open_from(up.kubectl, source, wanted, targets)
    assert found == each.allowed
    note(f"{len(found)} open, {len(wanted) - len(found)} closed")


def test_what_is_closed_would_listen(up: Platform, clients: None, targets: dict[str, str]) -> None:
    """What lies beyond the project answers those whom no policy holds, so that "closed" means the policy"""
    assert open_from(up.kubectl, "router's labels in another namespace", BEYOND, targets) == set(BEYOND)


def test_names_resolve_for_the_router(up: Platform, clients: None) -> None:
    """The router resolves the cells' names, under the policies too"""
    for cell in CELLS:
        up.kubectl.exec(name_of("router"), "nslookup", f"nginx-{cell}.cell-{cell}.svc.cluster.local", namespace="cell-router")

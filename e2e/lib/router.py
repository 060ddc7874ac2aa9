"""The routers as the cluster shows them."""

import json
import re
from collections import Counter
from collections.abc import Callable

from .kubectl import Kubectl, Object, is_ready
from .waiting import NotYet, wait_until

NAMESPACE = "cell-router"
LABELS = "app.kubernetes.io/name=cell-router,app.kubernetes.io/component=router"
REFUSED = re.compile(r'^router_refused_total\{cell_id="([^"]*)",reason="([^"]*)",?\} (\S+)$', re.MULTILINE)


def pods(kubectl: Kubectl) -> list[Object]:
    return kubectl.list("pods", NAMESPACE, LABELS)


def uids(kubectl: Kubectl) -> set[str]:
    return {pod["metadata"]["uid"] for pod in pods(kubectl) if is_ready(pod)}


def life(kubectl: Kubectl) -> tuple[set[str], int]:
    """Revisions of the ready pods, and restarts of all. Not the pods themselves: the autoscaler may add one at any time."""
    found = pods(kubectl)
    revisions = {pod["metadata"]["labels"]["pod-template-hash"] for pod in found if is_ready(pod)}
    return revisions, sum(each["restartCount"] for pod in found if is_ready(pod) for each in pod["status"]["containerStatuses"])


def await_rollout(kubectl: Kubectl, timeout: float = 180) -> None:
    """Until every pod is of the newest revision and ready, and those before it are gone altogether."""

    def probe() -> bool:
        deployment = kubectl.get("deployment", "cell-router", NAMESPACE)
        status, wanted = deployment.get("status", {}), deployment["spec"]["replicas"]
        found = pods(kubectl)
        state = (f"{status.get('updatedReplicas', 0)} updated, {status.get('availableReplicas', 0)} available, "
                 f"{len(found)} there, {wanted} wanted")
        rolled = status.get("observedGeneration") == deployment["metadata"]["generation"] and status.get("updatedReplicas") == wanted
        if not rolled or status.get("availableReplicas") != wanted or len(found) != wanted:
            raise NotYet(state)
        return True

    wait_until("the routers to be rolled out", probe, timeout)


def await_number(kubectl: Kubectl, number: int, timeout: float = 120) -> None:
    """Until there are so many routers, all of them ready."""

    def probe() -> bool:
        there, ready = len(pods(kubectl)), len(uids(kubectl))
        if (there, ready) != (number, number):
            raise NotYet(f"{there} there, {ready} ready")
        return True

    wait_until(f"{number} routers", probe, timeout)


def management(kubectl: Kubectl, pod: Object, path: str) -> str:
    """A page of a pod's management port, through the API server."""
    return kubectl.raw(f"/api/v1/namespaces/{NAMESPACE}/pods/{pod['metadata']['name']}:9000/proxy{path}")


def on_every_pod(kubectl: Kubectl, what: str, holds: Callable[[Object], bool], timeout: float) -> None:
    def probe() -> bool:
        ready = [pod for pod in pods(kubectl) if is_ready(pod)]
        not_yet = [pod["metadata"]["name"] for pod in ready if not holds(pod)]
        if not_yet or not ready:
            raise NotYet(f"not yet on {', '.join(not_yet) or 'any pod'}")
        return True

    wait_until(what, probe, timeout)


def cell_health(kubectl: Kubectl, pod: Object) -> dict[str, str]:
    return json.loads(management(kubectl, pod, "/health"))["upstreams"]


def await_mounted(kubectl: Kubectl, what: str, holds: Callable[[Object], bool], timeout: float = 150) -> None:
    """on_every_pod, of what comes from a mounted file: the kubelet looks at these about once a minute, and when something about the pod changes."""
    tries = 0

    def hurried(pod: Object) -> bool:
        nonlocal tries
        if holds(pod):
            return True
        tries += 1
        kubectl("annotate", "pod", pod["metadata"]["name"], f"e2e/look={tries}", "--overwrite", namespace=NAMESPACE)
        return False

    on_every_pod(kubectl, what, hurried, timeout)


def config(kubectl: Kubectl, pod: Object) -> Object:
    """What the router says about its file of cells."""
    return json.loads(management(kubectl, pod, "/cells"))["config"]


def cells(kubectl: Kubectl, pod: Object) -> dict[str, Object]:
    """The cells in force, by id."""
    return {each["id"]: each for each in json.loads(management(kubectl, pod, "/cells"))["cells"]}


def metric(kubectl: Kubectl, pod: Object, name: str) -> float | None:
    """A series without labels."""
    found = re.search(rf"^{name} (\S+)$", management(kubectl, pod, "/metrics"), re.MULTILINE)
    return float(found.group(1)) if found else None


def refusals(kubectl: Kubectl) -> Counter[tuple[str, str]]:
    """What the routers that are ready have refused themselves, by cell and reason; the later less the earlier is what came between."""
    counted: Counter[tuple[str, str]] = Counter()
    for pod in pods(kubectl):
        if is_ready(pod):
            for cell, reason, count in REFUSED.findall(management(kubectl, pod, "/metrics")):
                counted[cell, reason] += int(float(count))
    return counted

"""Small pods that may run anywhere here: restricted, with requests and limits."""

from typing import Any

from .kubectl import Kubectl, Object, is_ready
from .waiting import wait_until

OWN = {"app.kubernetes.io/managed-by": "e2e"}


def client(name: str, namespace: str, image: str, labels: dict[str, str] | None = None, ready: bool = True,
           script: str = "exec sleep 86400") -> Object:
    """A pod with a shell, curl, nc and nslookup. With ready=False no Service sends it anything, whatever its labels."""
    container: dict[str, Any] = {
        "name": "client",
        "image": image,
        "imagePullPolicy": "IfNotPresent",
        "command": ["sh", "-c", script],
        "resources": {"requests": {"cpu": "10m", "memory": "16Mi"}, "limits": {"memory": "64Mi"}},
        "securityContext": {"allowPrivilegeEscalation": False, "readOnlyRootFilesystem": True, "runAsNonRoot": True,
                            "capabilities": {"drop": ["ALL"]}},
        "volumeMounts": [{"name": "tmp", "mountPath": "/tmp"}],
    }
    if not ready:
        container["readinessProbe"] = {"exec": {"command": ["false"]}, "periodSeconds": 3600}
    return {
        "apiVersion": "v1",
        "kind": "Pod",
        "metadata": {"name": name, "namespace": namespace, "labels": {**OWN, **(labels or {})}},
        "spec": {
            "automountServiceAccountToken": False,
            "enableServiceLinks": False,
            "terminationGracePeriodSeconds": 0,
            "securityContext": {"runAsNonRoot": True, "runAsUser": 1001, "runAsGroup": 1001, "seccompProfile": {"type": "RuntimeDefault"}},
            "containers": [container],
            "volumes": [{"name": "tmp", "emptyDir": {}}],
        },
    }


def start(kubectl: Kubectl, *pods: Object) -> None:
    """Creates them and waits until they run."""
    kubectl.apply(*pods)
    for pod in pods:
        name, namespace = pod["metadata"]["name"], pod["metadata"]["namespace"]
        wait_until(f"pod {namespace}/{name} to run", lambda n=name, s=namespace: runs(kubectl.get("pod", n, s)), 60, every=0.5)


def runs(pod: Object) -> bool:
    return any("running" in each.get("state", {}) for each in pod.get("status", {}).get("containerStatuses", []))


def remove_all(kubectl: Kubectl) -> None:
    kubectl("delete", "pods,networkpolicies", "--all-namespaces", "--selector", "app.kubernetes.io/managed-by=e2e", "--ignore-not-found")


def ready_pods(kubectl: Kubectl, namespace: str, labels: str) -> list[Object]:
    return [pod for pod in kubectl.list("pods", namespace, labels) if is_ready(pod)]


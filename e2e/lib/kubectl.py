"""kubectl, as the suite uses it. Objects are plain dictionaries."""

import json
from typing import Any

from .command import Failed, run

Object = dict[str, Any]


class Kubectl:
    def __call__(self, *words: object, namespace: str = "", stdin: str | None = None, timeout: float = 120, check: bool = True) -> str:
        scope = ("--namespace", namespace) if namespace else ()
        return run("kubectl", *scope, *words, stdin=stdin, timeout=timeout, check=check)

    def get(self, kind: str, name: str, namespace: str = "") -> Object:
        return json.loads(self("get", kind, name, "-o", "json", namespace=namespace))

    def find(self, kind: str, name: str, namespace: str = "") -> Object | None:
        text = self("get", kind, name, "-o", "json", "--ignore-not-found", namespace=namespace)
        return json.loads(text) if text.strip() else None

    def list(self, kind: str, namespace: str = "", labels: str = "") -> list[Object]:
        scope = () if namespace else ("--all-namespaces",)
        chosen = ("--selector", labels) if labels else ()
        return json.loads(self("get", kind, "-o", "json", *scope, *chosen, namespace=namespace))["items"]

    def apply(self, *objects: Object, namespace: str = "") -> None:
        self("apply", "-f", "-", namespace=namespace, stdin=as_list(objects))

    def refusal(self, item: Object) -> str | None:
        """Why the API server would not take this object; None when it would. Nothing is created."""
        try:
            self("create", "--dry-run=server", "-f", "-", stdin=json.dumps(item))
        except Failed as problem:
            return str(problem)
        return None

    def delete(self, kind: str, name: str, namespace: str = "", wait: bool = True) -> None:
        self("delete", kind, name, "--ignore-not-found", f"--wait={str(wait).lower()}", namespace=namespace)

    def exec(self, pod: str, *words: object, namespace: str, container: str = "", timeout: float = 120, check: bool = True) -> str:
        chosen = ("-c", container) if container else ()
        return self("exec", pod, *chosen, "--", *words, namespace=namespace, timeout=timeout, check=check)

    def raw(self, path: str) -> str:
        return self("get", "--raw", path, timeout=30)

    def evict(self, pod: str, namespace: str) -> None:
        """Raises when a PodDisruptionBudget forbids it (429)."""
        body = {"apiVersion": "policy/v1", "kind": "Eviction", "metadata": {"name": pod, "namespace": namespace}}
        self("create", "--raw", f"/api/v1/namespaces/{namespace}/pods/{pod}/eviction", "-f", "-", stdin=json.dumps(body))


def as_list(objects: tuple[Object, ...]) -> str:
    return json.dumps({"apiVersion": "v1", "kind": "List", "items": list(objects)})


def condition(item: Object, kind: str) -> str:
    """Status of a condition: True, False, Unknown, or nothing when it is not there."""
    found = [each["status"] for each in item.get("status", {}).get("conditions", []) if each["type"] == kind]
    return found[0] if found else ""


def is_ready(pod: Object) -> bool:
    return condition(pod, "Ready") == "True" and "deletionTimestamp" not in pod["metadata"]


def names(items: list[Object]) -> list[str]:
    return sorted(item["metadata"]["name"] for item in items)

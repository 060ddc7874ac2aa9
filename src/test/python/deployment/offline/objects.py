"""Reading Kubernetes objects: plain dictionaries, as kustomize renders them."""

from collections.abc import Iterator
from dataclasses import dataclass
from typing import Any

Object = dict[str, Any]

# Where a workload keeps its pod template; a Pod is its own.
_TEMPLATES = {
    "Pod": (),
    "Deployment": ("spec", "template"),
    "StatefulSet": ("spec", "template"),
    "DaemonSet": ("spec", "template"),
    "ReplicaSet": ("spec", "template"),
    "Job": ("spec", "template"),
    "CronJob": ("spec", "jobTemplate", "spec", "template"),
}


def at(value: Any, *path: str | int, default: Any = None) -> Any:
    """What stands under the path, or the default where a step of it is missing."""
    for step in path:
        try:
            value = value[step]
        except (KeyError, IndexError, TypeError):
            return default
    return default if value is None else value


def name(o: Object) -> str:
    return at(o, "metadata", "name", default="")


def namespace(o: Object) -> str:
    """Empty for what belongs to no namespace."""
    return at(o, "metadata", "namespace", default="")


def labels(o: Object) -> dict[str, str]:
    return at(o, "metadata", "labels", default={})


def annotations(o: Object) -> dict[str, str]:
    return at(o, "metadata", "annotations", default={})


def group(o: Object) -> str:
    """The API group; empty for the core group."""
    version = o["apiVersion"]
    return version.split("/")[0] if "/" in version else ""


def title(o: Object) -> str:
    """How a message names an object: Kind namespace/name."""
    return f"{o['kind']} {'/'.join(filter(None, (namespace(o), name(o))))}"


@dataclass(frozen=True)
class Pods:
    """The pods that a workload makes."""

    owner: Object
    metadata: Object
    spec: Object

    @property
    def title(self) -> str:
        return title(self.owner)

    @property
    def namespace(self) -> str:
        return namespace(self.owner)

    @property
    def labels(self) -> dict[str, str]:
        return self.metadata.get("labels", {})

    def containers(self) -> list[Object]:
        """Init containers too: the rules of Pod Security make no difference."""
        return self.spec.get("initContainers", []) + self.spec.get("containers", [])

    def ports(self) -> list[Object]:
        return [port for container in self.containers() for port in container.get("ports", [])]

    def port(self, wanted: str | int, protocol: str = "TCP") -> Object | None:
        """The container port of this name or number."""
        for port in self.ports():
            if wanted in (port.get("name"), port["containerPort"]) and port.get("protocol", "TCP") == protocol:
                return port
        return None


def pods_of(o: Object) -> Pods | None:
    path = _TEMPLATES.get(o["kind"])
    if path is None:
        return None
    template = at(o, *path)
    return Pods(o, template.get("metadata", {}), template["spec"])


def selects(selector: Object | None, on: dict[str, str]) -> bool:
    """A label selector with matchLabels and matchExpressions; None selects nothing, an empty one everything."""
    if selector is None:
        return False
    if any(on.get(key) != value for key, value in selector.get("matchLabels", {}).items()):
        return False
    return all(_expression(e, on) for e in selector.get("matchExpressions", []))


def _expression(expression: Object, on: dict[str, str]) -> bool:
    key, values = expression["key"], expression.get("values", [])
    match expression["operator"]:
        case "Exists":
            return key in on
        case "DoesNotExist":
            return key not in on
        case "In":
            return on.get(key) in values
        case "NotIn":
            return on.get(key) not in values
    raise ValueError(f"no such operator: {expression['operator']}")


def selector_keys(selector: Object | None) -> Iterator[str]:
    if selector:
        yield from selector.get("matchLabels", {})
        yield from (e["key"] for e in selector.get("matchExpressions", []))


_UNITS = {"Ki": 2**10, "Mi": 2**20, "Gi": 2**30, "Ti": 2**40, "k": 10**3, "M": 10**6, "G": 10**9, "m": 1e-3}


def quantity(text: str | int) -> float:
    """Kubernetes' resource quantities: 256Mi, 500m, 2."""
    text = str(text)
    for unit, factor in _UNITS.items():
        if text.endswith(unit):
            return float(text.removesuffix(unit)) * factor
    return float(text)

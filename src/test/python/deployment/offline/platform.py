"""One environment as Argo CD would make it: the Applications of argocd/environments, each with the objects of its path."""

from collections.abc import Callable, Iterator
from dataclasses import dataclass, field
from pathlib import Path

from .kustomize import ROOT, build, parse
from .objects import Object, Pods, at, labels, name, namespace, pods_of, selects

ENVIRONMENTS = ("kind", "existing", "production")


@dataclass
class Platform:
    """Everything of one environment that Git holds. Mutable, so that tests can plant a defect in a copy."""

    environment: str
    applications: list[Object]
    projects: list[Object]
    parts: dict[str, list[Object]] = field(default_factory=dict)
    """The objects of each Application with a path in this repository, by the Application's name."""

    @property
    def objects(self) -> list[Object]:
        return [o for part in self.parts.values() for o in part]

    def of(self, *kinds: str) -> list[Object]:
        return [o for o in self.objects if o["kind"] in kinds]

    def one(self, kind: str, called: str, within: str = "") -> Object:
        for o in self.of(kind):
            if name(o) == called and within in ("", namespace(o)):
                return o
        raise KeyError(f"no {kind} {called} in {self.environment}")

    def pods(self) -> list[Pods]:
        return [pods for o in self.objects if (pods := pods_of(o))]

    def pods_selected(self, within: str, selector: Object | None) -> list[Pods]:
        return [p for p in self.pods() if p.namespace == within and selects(selector, p.labels)]

    def namespaces(self) -> dict[str, dict[str, str]]:
        """The labels of each namespace, with the one that Kubernetes itself sets."""
        return {name(o): labels(o) | {"kubernetes.io/metadata.name": name(o)} for o in self.of("Namespace")}

    def cells(self) -> Iterator[str]:
        """The IDs of the cells, by their namespaces."""
        for o in self.of("Namespace"):
            if cell := labels(o).get("cell-router.io/cell"):
                yield cell


Check = Callable[[Platform], Iterator[str]]
"""Yields a sentence for each thing that is wrong."""


def paths(application: Object) -> list[str]:
    """The folders of this repository that an Application renders; none for a chart or another repository."""
    sources = at(application, "spec", "sources", default=[]) or [application["spec"]["source"]]
    ours = repository()["url"]
    return [s["path"] for s in sources if s.get("repoURL") == ours and "path" in s]


def repository() -> dict[str, str]:
    """The one place of the repository's URL and revision."""
    return parse((ROOT / "argocd" / "settings" / "repository.yaml").read_text())[0]["data"]


def load(environment: str, root: Path = ROOT) -> Platform:
    applications = [o for o in build(root / "argocd" / "environments" / environment) if o["kind"] == "Application"]
    bootstrap = build(root / "argocd" / "bootstrap" / environment)
    projects = [o for o in bootstrap if o["kind"] == "AppProject"]
    platform = Platform(environment, applications + [o for o in bootstrap if o["kind"] == "Application"], projects)
    for application in applications:
        for path in paths(application):
            platform.parts.setdefault(name(application), []).extend(build(root / path))
    return platform

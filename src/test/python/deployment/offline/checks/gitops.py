"""Argo CD's tree: the order of the waves, and projects that allow what is needed and nothing more."""

import fnmatch
import re
from collections.abc import Iterator

from ..kustomize import ROOT
from ..objects import Object, annotations, at, group, name, namespace, title
from ..platform import Platform, paths, repository

WAVE = "argocd.argoproj.io/sync-wave"
# What others deliver: nothing of this repository is rendered for it, and an existing cluster has its own.
FOREIGN = {"gateway-api", "traefik", "metrics-server", "sealed-secrets", "monitoring"}
CLUSTER_WIDE = {
    "Namespace",
    "CustomResourceDefinition",
    "ClusterRole",
    "ClusterRoleBinding",
    "ValidatingAdmissionPolicy",
    "ValidatingAdmissionPolicyBinding",
    "PriorityClass",
    "GatewayClass",
    "IngressClass",
    "StorageClass",
}


def documented_waves() -> dict[str, int]:
    """docs/deployment.md: which Application belongs to which wave."""
    table = (ROOT / "docs" / "deployment.md").read_text().split("## Waves")[1].split("\n## ")[0]
    rows = re.findall(r"^\| (\d+) \| (.*) \|$", table, re.MULTILINE)
    return {app: int(wave) for wave, apps in rows for app in re.findall(r"`([\w-]+)`", apps)}


def children(platform: Platform) -> list[Object]:
    """The Applications that root syncs."""
    return [a for a in platform.applications if name(a) != "root"]


def wave(o: Object) -> int:
    return int(annotations(o).get(WAVE, 0))


def waves_are_the_documented_ones(platform: Platform) -> Iterator[str]:
    """On the Application itself, the object that root syncs."""
    documented = documented_waves()
    for application in children(platform):
        expected = documented.get(re.sub(r"^cell-.*", "cell-1", name(application)))
        if WAVE not in annotations(application) or wave(application) != expected:
            yield f"{title(application)} is in wave {annotations(application).get(WAVE)}, expected {expected}"


def every_documented_application_is_there(platform: Platform) -> Iterator[str]:
    expected = set(documented_waves()) - (FOREIGN if platform.environment == "existing" else set())
    if missing := expected - {name(a) for a in children(platform)}:
        yield f"no Application {sorted(missing)}"


def namespaces_come_first(platform: Platform) -> Iterator[str]:
    """An object never syncs before its namespace does."""
    waves = {name(a): wave(a) for a in children(platform)}
    made = {name(o): waves[app] for app, part in platform.parts.items() for o in part if o["kind"] == "Namespace"}
    for application, part in platform.parts.items():
        for o in part:
            if namespace(o) in made and made[namespace(o)] > waves[application]:
                yield f"{title(o)} syncs in wave {waves[application]}, its namespace in {made[namespace(o)]}"
    for application in children(platform):
        into = application["spec"]["destination"].get("namespace")
        if into in made and not paths(application) and made[into] >= wave(application):
            yield f"{title(application)} fills namespace {into} in wave {wave(application)}, which comes in wave {made[into]}"
        if "CreateNamespace=true" in at(application, "spec", "syncPolicy", "syncOptions", default=[]):
            yield f"{title(application)} makes its namespace by itself, without the labels of Pod Security"


def no_wave_is_hidden_in_a_template(platform: Platform) -> Iterator[str]:
    """A wave in an ApplicationSet's template orders nothing: the ApplicationSet is what the parent syncs."""
    for o in [*platform.applications, *platform.objects]:
        if o["kind"] == "ApplicationSet":
            yield f"{title(o)}: its template's waves order nothing"


def applications_build_from_this_repository(platform: Platform) -> Iterator[str]:
    ours = repository()
    for application in platform.applications:
        for source in at(application, "spec", "sources", default=[]) or [application["spec"]["source"]]:
            if "chart" not in source and source["repoURL"] == ours["url"]:
                if source["targetRevision"] != ours["revision"]:
                    yield f"{title(application)} follows {source['targetRevision']}, not {ours['revision']}"
                if "path" in source and not (ROOT / source["path"] / "kustomization.yaml").is_file():
                    yield f"{title(application)} renders {source['path']}, which is no kustomization"
            elif not re.fullmatch(r"v?\d+\.\d+\.\d+", str(source.get("targetRevision"))):
                yield f"{title(application)} takes {source['repoURL']} at {source.get('targetRevision')}, not one version"
        if name(application) not in FOREIGN | {"root"} and not platform.parts.get(name(application)):
            yield f"{title(application)} renders nothing of this repository"


def environments_use_their_own_overlays(platform: Platform) -> Iterator[str]:
    overlay = "production" if platform.environment == "production" else "kind"
    for application in children(platform):
        for path in paths(application):
            if path.startswith("manifests/overlays/") and not path.startswith(f"manifests/overlays/{overlay}/"):
                yield f"{title(application)} of {platform.environment} renders {path}"


def syncs_are_automatic_and_patient(platform: Platform) -> Iterator[str]:
    for application in platform.applications:
        policy = at(application, "spec", "syncPolicy", default={})
        if at(policy, "automated", "prune") is not True or at(policy, "automated", "selfHeal") is not True:
            yield f"{title(application)} does not prune and heal by itself"
        if at(policy, "retry", "limit", default=0) == 0 or "backoff" not in at(policy, "retry", default={}):
            yield f"{title(application)} does not try again"


def projects_allow_what_is_deployed(platform: Platform) -> Iterator[str]:
    projects = {name(p): p["spec"] for p in platform.projects}
    for application in platform.applications:
        project = projects.get(application["spec"]["project"])
        if project is None:
            yield f"{title(application)} belongs to project {application['spec']['project']}, which is not there"
            continue
        for source in at(application, "spec", "sources", default=[]) or [application["spec"]["source"]]:
            if source["repoURL"] not in project["sourceRepos"]:
                yield f"{title(application)} takes {source['repoURL']}, which its project does not allow"
        into = application["spec"]["destination"].get("namespace", "")
        for o in _synced(platform, application):
            if not _kind_allowed(project, o):
                yield f"{title(application)} may not deploy {o['kind']}"
            if not _destination_allowed(project, namespace(o) or into, application["spec"]["destination"]["server"]):
                yield f"{title(application)} may not deploy to {namespace(o) or into}"


def _synced(platform: Platform, application: Object) -> list[Object]:
    return children(platform) if name(application) == "root" else platform.parts.get(name(application), [])


def _kind_allowed(project: Object, o: Object) -> bool:
    cluster_wide = o["kind"] in CLUSTER_WIDE
    allowed = project.get("clusterResourceWhitelist" if cluster_wide else "namespaceResourceWhitelist", [])
    return any(fnmatch.fnmatchcase(group(o), a["group"]) and fnmatch.fnmatchcase(o["kind"], a["kind"]) for a in allowed)


def _destination_allowed(project: Object, into: str, server: str) -> bool:
    """Globs; a destination that starts with ! forbids, whatever else allows."""
    hits = [d["namespace"] for d in project["destinations"] if d.get("server") in (server, "*")]
    forbidden = any(d.startswith("!") and fnmatch.fnmatchcase(into, d[1:]) for d in hits)
    return not forbidden and any(fnmatch.fnmatchcase(into, d) for d in hits if not d.startswith("!"))


def projects_allow_nothing_else(platform: Platform) -> Iterator[str]:
    """No wildcard, and no kind of a project for this repository's objects only that none of them is."""
    for project in platform.projects:
        spec = project["spec"]
        if name(project) == "default":
            if spec.get("sourceRepos") or spec.get("destinations"):
                yield "project default allows something"
            continue
        for entry in spec.get("clusterResourceWhitelist", []) + spec.get("namespaceResourceWhitelist", []):
            if "*" in entry["group"] or "*" in entry["kind"]:
                yield f"{title(project)} allows any {entry['group']}/{entry['kind']}"
        if any("*" in repo for repo in spec["sourceRepos"]):
            yield f"{title(project)} takes any repository"
        for destination in spec["destinations"]:
            if destination["namespace"].strip("!") in ("*", "") or destination.get("server") == "*":
                yield f"{title(project)} deploys anywhere"
            if "*" in destination["namespace"] and destination["namespace"] != "cell-*":
                yield f"{title(project)} deploys to {destination['namespace']}"


def only_root_makes_applications(platform: Platform) -> Iterator[str]:
    """Whoever may make an Application or a project may do anything that any project allows."""
    for project in platform.projects:
        kinds = {
            e["kind"]
            for key in ("clusterResourceWhitelist", "namespaceResourceWhitelist")
            for e in project["spec"].get(key, [])
        }
        if "AppProject" in kinds or ("Application" in kinds) != (name(project) == "root"):
            yield f"{title(project)} allows {sorted(kinds & {'Application', 'AppProject'})}"


def crds_come_before_their_objects(platform: Platform) -> Iterator[str]:
    """Objects of a CRD wait for the wave that brings it."""
    brings = {
        "gateway.networking.k8s.io": "gateway-api",
        "monitoring.coreos.com": "monitoring",
        "bitnami.com": "sealed-secrets",
    }
    waves = {name(a): wave(a) for a in children(platform)}
    for application, part in platform.parts.items():
        for o in part:
            source = brings.get(group(o))
            if source in waves and waves[source] >= waves[application]:
                yield f"{title(o)} syncs in wave {waves[application]}, its CRD in {waves[source]}"


CHECKS = (
    waves_are_the_documented_ones,
    every_documented_application_is_there,
    namespaces_come_first,
    no_wave_is_hidden_in_a_template,
    applications_build_from_this_repository,
    environments_use_their_own_overlays,
    syncs_are_automatic_and_patient,
    projects_allow_what_is_deployed,
    projects_allow_nothing_else,
    only_root_makes_applications,
    crds_come_before_their_objects,
)

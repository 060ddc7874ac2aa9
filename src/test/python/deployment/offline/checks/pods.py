"""What every pod of ours must be: confined, bounded, probed, pinned."""

import re
from collections.abc import Iterator

from ..objects import Pods, at, labels, name, namespace, quantity
from ..platform import Platform
from ..restricted import violations

LEVELS = "pod-security.kubernetes.io"


def namespaces_enforce_pod_security(platform: Platform) -> Iterator[str]:
    """restricted for what is ours, its violations told and logged too; what the node exporter needs is the one exception."""
    wanted = {"traefik": {"restricted", "baseline"}, "monitoring": {"privileged"}}
    for o in platform.of("Namespace"):
        level = labels(o).get(f"{LEVELS}/enforce")
        if level not in wanted.get(name(o), {"restricted"}):
            yield f"namespace {name(o)} enforces {level}"
        if name(o) in ("traefik", "monitoring"):
            continue
        for mode in ("audit", "warn"):
            if labels(o).get(f"{LEVELS}/{mode}") != "restricted":
                yield f"namespace {name(o)} does not {mode}"


def namespaces_ask_for_the_admission_policies(platform: Platform) -> Iterator[str]:
    for o in platform.of("Namespace"):
        if name(o) in ("traefik", "monitoring"):
            continue
        if labels(o).get("cell-router.io/policies") != "enforced":
            yield f"namespace {name(o)} is not guarded by the admission policies"
        production = labels(o).get("cell-router.io/environment") == "production"
        if production != (platform.environment == "production"):
            yield f"namespace {name(o)} is {'' if production else 'not '}labelled as production"


def pods_are_restricted(platform: Platform) -> Iterator[str]:
    for pods in platform.pods():
        yield from (f"{pods.title}: {violation}" for violation in violations(pods.spec))


def root_file_systems_are_read_only(platform: Platform) -> Iterator[str]:
    for pods, container in _containers(platform):
        if at(container, "securityContext", "readOnlyRootFilesystem") is not True:
            yield f"{pods.title}: {container['name']} may write to its image"


def pods_have_no_way_to_the_api(platform: Platform) -> Iterator[str]:
    for pods in platform.pods():
        if pods.spec.get("automountServiceAccountToken") is not False:
            yield f"{pods.title} has a token of its ServiceAccount"
        if pods.spec.get("serviceAccountName", "default") == "default":
            yield f"{pods.title} runs as the namespace's default ServiceAccount"
    for account in platform.of("ServiceAccount"):
        if account.get("automountServiceAccountToken") is not False:
            yield f"ServiceAccount {namespace(account)}/{name(account)} gives its token to any pod"


def service_links_are_off(platform: Platform) -> Iterator[str]:
    """A Service named port would set PORT=tcp://… for every pod; the router reads its settings from there."""
    yield from (
        f"{p.title} gets a variable for each Service"
        for p in platform.pods()
        if p.spec.get("enableServiceLinks") is not False
    )


def resources_are_stated(platform: Platform) -> Iterator[str]:
    for pods, container in _containers(platform):
        requests, limits = (at(container, "resources", side, default={}) for side in ("requests", "limits"))
        for missing in {"cpu", "memory"} - set(requests):
            yield f"{pods.title}: {container['name']} requests no {missing}"
        if "memory" not in limits:
            yield f"{pods.title}: {container['name']} has no memory limit"
        for what in set(requests) & set(limits):
            if quantity(requests[what]) > quantity(limits[what]):
                yield f"{pods.title}: {container['name']} requests more {what} than it may have"


def quotas_leave_room_for_a_rollout(platform: Platform) -> Iterator[str]:
    """Every pod that the autoscaler may ask for, the surge of a rollout, and half as many that are still ending (they count
    until they are gone) fit into the namespace's quota."""
    for quota in platform.of("ResourceQuota"):
        hard = quota["spec"]["hard"]
        for key in set(hard) & {"requests.cpu", "requests.memory", "limits.cpu", "limits.memory", "pods"}:
            needed = sum(
                _most(platform, p) * _needs(p, key) for p in platform.pods() if p.namespace == namespace(quota)
            )
            if needed > quantity(hard[key]):
                yield f"quota of {namespace(quota)}: {key} is {hard[key]}, {needed:g} may be needed"


def _needs(pods: Pods, key: str) -> float:
    if key == "pods":
        return 1
    side, what = key.split(".")
    return sum(quantity(at(c, "resources", side, what, default=0)) for c in pods.spec["containers"])


def _most(platform: Platform, pods: Pods) -> int:
    from .scaling import scaler_of

    scaler = scaler_of(platform, pods.owner)
    replicas = scaler["spec"]["maxReplicas"] if scaler else at(pods.owner, "spec", "replicas", default=1)
    surge = at(pods.owner, "spec", "strategy", "rollingUpdate", "maxSurge", default="25%")
    if isinstance(surge, str):
        surge = -(-replicas * int(surge.rstrip("%")) // 100)
    ending = replicas // 2 if scaler else 0
    return replicas + surge + ending


def limit_ranges_admit_the_pods(platform: Platform) -> Iterator[str]:
    for limits in platform.of("LimitRange"):
        for limit in limits["spec"]["limits"]:
            for pods in platform.pods():
                if pods.namespace != namespace(limits):
                    continue
                groups = [pods.spec["containers"]] if limit["type"] == "Pod" else [[c] for c in pods.spec["containers"]]
                if limit["type"] in ("Pod", "Container"):
                    yield from _outside(pods, limit, groups)


def _outside(pods: Pods, limit: dict, groups: list[list[dict]]) -> Iterator[str]:
    for what, most in limit.get("max", {}).items():
        for group in groups:
            wanted = [at(c, "resources", "limits", what) for c in group]
            if any(w is None for w in wanted):
                yield f"{pods.title}: a maximum of {what} is set, and a container has no limit for it"
            elif sum(map(quantity, wanted)) > quantity(most):
                yield f"{pods.title}: {what} {wanted} is above the maximum {most}"
    for what, least in limit.get("min", {}).items():
        for group in groups:
            if sum(quantity(at(c, "resources", "requests", what, default=0)) for c in group) < quantity(least):
                yield f"{pods.title}: its request of {what} is below the minimum {least}"


def images_are_pinned(platform: Platform) -> Iterator[str]:
    for pods, container in _containers(platform):
        if not re.fullmatch(
            r"[^@]+:[\w][\w.-]{0,127}(@sha256:[0-9a-f]{64})?|[^@]+@sha256:[0-9a-f]{64}", container["image"]
        ):
            yield f"{pods.title}: image {container['image']} has no tag"
        elif re.search(r":(latest|main|master|stable|edge|dev)(@|$)", container["image"]):
            yield f"{pods.title}: image {container['image']} has a tag that moves"
        if container.get("imagePullPolicy", "IfNotPresent") != "IfNotPresent":
            yield f"{pods.title}: image {container['image']} is pulled {container['imagePullPolicy']}"


def ports_need_no_privilege(platform: Platform) -> Iterator[str]:
    """Below 1024 a plain user may listen only where the container runtime allows it."""
    for pods in platform.pods():
        yield from (f"{pods.title} listens on {p['containerPort']}" for p in pods.ports() if p["containerPort"] < 1024)


def serving_containers_are_probed(platform: Platform) -> Iterator[str]:
    for pods in platform.pods():
        for container in pods.spec["containers"]:
            if not any(p.get("name") == "http" for p in container.get("ports", [])):
                continue
            for kind in ("startupProbe", "livenessProbe", "readinessProbe"):
                if kind not in container:
                    yield f"{pods.title}: {container['name']} has no {kind}"
                elif (
                    at(container, kind, "timeoutSeconds", default=1) > at(container, kind, "periodSeconds", default=10)
                    and kind != "startupProbe"
                ):
                    yield f"{pods.title}: {kind} of {container['name']} may still run when the next is due"


def pods_spread_over_hosts_and_zones(platform: Platform) -> Iterator[str]:
    for pods in platform.pods():
        keys = {c["topologyKey"] for c in pods.spec.get("topologySpreadConstraints", [])}
        # A cell may live in one zone: that is its choice of what fails together.
        wanted = {"kubernetes.io/hostname"} | (
            {"topology.kubernetes.io/zone"} if pods.namespace == "cell-router" else set()
        )
        if missing := wanted - keys:
            yield f"{pods.title} does not spread over {sorted(missing)}"
        for constraint in pods.spec.get("topologySpreadConstraints", []):
            selected = constraint.get("labelSelector", {}).get("matchLabels", {})
            if not selected or not selected.items() <= pods.labels.items():
                yield f"{pods.title}: its spread over {constraint['topologyKey']} counts other pods than its own"


def rollouts_keep_every_replica(platform: Platform) -> Iterator[str]:
    for pods in platform.pods():
        strategy = at(pods.owner, "spec", "strategy", default={})
        if at(strategy, "rollingUpdate", "maxUnavailable", default="25%") not in (0, "0", "0%"):
            yield f"{pods.title} may have fewer pods than wanted during a rollout"
        if not at(pods.owner, "spec", "minReadySeconds", default=0) and pods.namespace == "cell-router":
            yield f"{pods.title} counts a pod as available the moment it is ready"


def _containers(platform: Platform) -> Iterator[tuple[Pods, dict]]:
    for pods in platform.pods():
        for container in pods.containers():
            yield pods, container


CHECKS = (
    namespaces_enforce_pod_security,
    namespaces_ask_for_the_admission_policies,
    pods_are_restricted,
    root_file_systems_are_read_only,
    pods_have_no_way_to_the_api,
    service_links_are_off,
    resources_are_stated,
    quotas_leave_room_for_a_rollout,
    limit_ranges_admit_the_pods,
    images_are_pinned,
    ports_need_no_privilege,
    serving_containers_are_probed,
    pods_spread_over_hosts_and_zones,
    rollouts_keep_every_replica,
)

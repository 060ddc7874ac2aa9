"""Autoscalers and disruption budgets."""

from collections.abc import Iterator

from ..objects import Object, at, name, namespace, title
from ..platform import Platform


def scaler_of(platform: Platform, workload: Object) -> Object | None:
    for scaler in platform.of("HorizontalPodAutoscaler"):
        target = scaler["spec"]["scaleTargetRef"]
        if (namespace(scaler), target["kind"], target["name"]) == (
            namespace(workload),
            workload["kind"],
            name(workload),
        ):
            return scaler
    return None


def scalers_have_a_target(platform: Platform) -> Iterator[str]:
    workloads = {(namespace(o), o["apiVersion"], o["kind"], name(o)) for o in platform.of("Deployment", "StatefulSet")}
    for scaler in platform.of("HorizontalPodAutoscaler"):
        target = scaler["spec"]["scaleTargetRef"]
        if (namespace(scaler), target["apiVersion"], target["kind"], target["name"]) not in workloads:
            yield f"{title(scaler)} scales {target['kind']} {target['name']}, which is not there"


def the_router_is_scaled(platform: Platform) -> Iterator[str]:
    if not scaler_of(platform, platform.one("Deployment", "cell-router")):
        yield "no HorizontalPodAutoscaler scales the router"


def nothing_scales_on_memory(platform: Platform) -> Iterator[str]:
    """A JVM's memory does not shrink: once up, never down. CPU needs a request to be a share of."""
    for scaler in platform.of("HorizontalPodAutoscaler"):
        metrics = scaler["spec"].get("metrics", [])
        if not any(at(m, "resource", "name") == "cpu" for m in metrics):
            yield f"{title(scaler)} does not look at CPU"
        for metric in metrics:
            source = (
                at(metric, "resource", "name")
                or at(metric, "containerResource", "name")
                or at(metric, "pods", "metric", "name", default="")
            )
            if "memory" in source:
                yield f"{title(scaler)} scales on {source}"


def scaled_workloads_state_no_replicas(platform: Platform) -> Iterator[str]:
    """Otherwise every sync undoes what the autoscaler did."""
    for workload in platform.of("Deployment", "StatefulSet"):
        if scaler_of(platform, workload) and "replicas" in workload["spec"]:
            yield f"{title(workload)} states replicas, which its autoscaler owns"


def there_is_always_a_second_pod(platform: Platform) -> Iterator[str]:
    for workload in platform.of("Deployment"):
        scaler = scaler_of(platform, workload)
        least = at(scaler, "spec", "minReplicas", default=1) if scaler else at(workload, "spec", "replicas", default=1)
        # A cell's pods are the cell's own matter; on a laptop one is enough.
        if least < 2 and (name(workload) == "cell-router" or platform.environment == "production"):
            yield f"{title(workload)} may run with {least} pod"


def budgets_let_one_pod_go(platform: Platform) -> Iterator[str]:
    """One budget a workload, which lets a node drain and never takes two pods at once."""
    owners: dict[str, int] = {}
    for budget in platform.of("PodDisruptionBudget"):
        selected = platform.pods_selected(namespace(budget), budget["spec"].get("selector"))
        if len(selected) != 1:
            yield f"{title(budget)} selects the pods of {[p.title for p in selected]}, not of one workload"
        for pods in selected:
            owners[pods.title] = owners.get(pods.title, 0) + 1
        if budget["spec"].get("maxUnavailable") != 1 or "minAvailable" in budget["spec"]:
            yield f"{title(budget)} does not say maxUnavailable: 1"
    for pods in platform.pods():
        if owners.get(pods.title, 0) != 1:
            yield f"{pods.title} has {owners.get(pods.title, 0)} disruption budgets"


CHECKS = (
    scalers_have_a_target,
    the_router_is_scaled,
    nothing_scales_on_memory,
    scaled_workloads_state_no_replicas,
    there_is_always_a_second_pod,
    budgets_let_one_pod_go,
)

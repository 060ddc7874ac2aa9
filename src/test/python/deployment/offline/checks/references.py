"""What one object says of another is true: names, selectors, ports."""

import re
from collections.abc import Iterator

from ..objects import Object, Pods, annotations, at, labels, name, namespace, selects, title
from ..platform import Platform

# Made on the cluster, never from Git: task secrets, and whoever brings the certificate and Grafana's password.
SECRETS_MADE_ELSEWHERE = {
    ("cell-router", "cell-router-api-keys"),
    ("cell-router", "cell-router-admin-keys"),
    ("traefik", "cell-router-tls"),
}
# Read again by running pods, so a change needs no other name: the_cells_are_read_again.
READ_AGAIN = {("cell-router", "cell-router-cells")}


def services_select_pods_with_their_ports(platform: Platform) -> Iterator[str]:
    for service in platform.of("Service"):
        selected = platform.pods_selected(
            namespace(service), {"matchLabels": at(service, "spec", "selector", default={})}
        )
        if len(selected) != 1:
            yield f"{title(service)} selects the pods of {[p.title for p in selected]}, not of one workload"
        for port in service["spec"]["ports"]:
            target = port.get("targetPort", port["port"])
            yield from (f"{title(service)}: {p.title} has no port {target}" for p in selected if not p.port(target))


def workloads_select_their_own_pods_only(platform: Platform) -> Iterator[str]:
    for pods in platform.pods():
        selector = at(pods.owner, "spec", "selector")
        if pods.owner["kind"] in ("Deployment", "StatefulSet", "DaemonSet"):
            selected = [p.title for p in platform.pods_selected(pods.namespace, selector)]
            if selected != [pods.title]:
                yield f"{pods.title} selects the pods of {selected}"


def pods_find_what_they_mount(platform: Platform) -> Iterator[str]:
    known = {(o["kind"], namespace(o), name(o)) for o in platform.of("ConfigMap", "Secret", "ServiceAccount")}
    sealed = {("Secret", namespace(o), name(o)) for o in platform.of("SealedSecret")}
    made = {("Secret", *where) for where in SECRETS_MADE_ELSEWHERE}
    for pods in platform.pods():
        for kind, wanted in _mounted(pods):
            if (kind, pods.namespace, wanted) not in known | sealed | made:
                yield f"{pods.title} uses {kind} {wanted}, which nobody makes"


def _mounted(pods: Pods) -> Iterator[tuple[str, str]]:
    yield "ServiceAccount", pods.spec.get("serviceAccountName", "default")
    for volume in pods.spec.get("volumes", []):
        sources = [volume, *at(volume, "projected", "sources", default=[])]
        for source in sources:
            if "configMap" in source:
                yield "ConfigMap", source["configMap"]["name"]
            if "secret" in source:
                yield "Secret", source["secret"].get("secretName") or source["secret"]["name"]
    for container in pods.containers():
        for source in container.get("envFrom", []):
            if "configMapRef" in source:
                yield "ConfigMap", source["configMapRef"]["name"]
            if "secretRef" in source:
                yield "Secret", source["secretRef"]["name"]
        for variable in container.get("env", []):
            for member, kind in (("configMapKeyRef", "ConfigMap"), ("secretKeyRef", "Secret")):
                if reference := at(variable, "valueFrom", member):
                    yield kind, reference["name"]


def mounted_volumes_are_declared(platform: Platform) -> Iterator[str]:
    for pods in platform.pods():
        declared = {v["name"] for v in pods.spec.get("volumes", [])}
        for container in pods.containers():
            for mount in container.get("volumeMounts", []):
                if mount["name"] not in declared:
                    yield f"{pods.title}: {container['name']} mounts {mount['name']}, which the pod does not have"


def configuration_rolls_the_pods(platform: Platform) -> Iterator[str]:
    """A ConfigMap in a pod carries the hash of its content in its name: a change is a rollout, a bad one a stopped rollout."""
    maps = {(namespace(o), name(o)) for o in platform.of("ConfigMap")}
    for pods in platform.pods():
        for kind, used in _mounted(pods):
            if (pods.namespace, used) in READ_AGAIN:
                continue
            if kind == "ConfigMap" and (pods.namespace, used) in maps and not _hashed(used):
                yield f"{pods.title} uses ConfigMap {used}, whose name does not change with its content"


def _hashed(called: str) -> bool:
    # kustomize's hash: ten characters of an alphabet without vowels and look-alikes.
    return re.fullmatch(r".+-[2456789bcdfghkmt]{10}", called) is not None


def probes_ask_ports_of_their_container(platform: Platform) -> Iterator[str]:
    for pods in platform.pods():
        for container in pods.containers():
            ports = {p.get("name") for p in container.get("ports", [])} | {
                p["containerPort"] for p in container.get("ports", [])
            }
            for kind in ("startupProbe", "livenessProbe", "readinessProbe"):
                port = at(container, kind, "httpGet", "port") or at(container, kind, "tcpSocket", "port")
                if kind in container and port is not None and port not in ports:
                    yield f"{pods.title}: {kind} of {container['name']} asks port {port}, which it does not have"


def routes_lead_to_services_through_a_gateway(platform: Platform) -> Iterator[str]:
    services = {(namespace(s), name(s), p["port"]) for s in platform.of("Service") for p in s["spec"]["ports"]}
    for route in platform.of("HTTPRoute"):
        for parent in route["spec"]["parentRefs"]:
            yield from _not_admitted(platform, route, parent)
        for rule in route["spec"]["rules"]:
            for backend in rule.get("backendRefs", []):
                if (backend.get("namespace", namespace(route)), backend["name"], backend.get("port")) not in services:
                    yield f"{title(route)} leads to {backend['name']}:{backend.get('port')}, which is no Service's port"


def _not_admitted(platform: Platform, route: Object, parent: Object) -> Iterator[str]:
    where = parent.get("namespace", namespace(route))
    gateways = [g for g in platform.of("Gateway") if (namespace(g), name(g)) == (where, parent["name"])]
    listeners = [
        listener
        for g in gateways
        for listener in g["spec"]["listeners"]
        if parent.get("sectionName") in (None, listener["name"]) and parent.get("port") in (None, listener["port"])
    ]
    if not listeners:
        yield f"{title(route)} asks for {where}/{parent['name']} {parent.get('sectionName', '')}, which is no listener"
    for listener in listeners:
        if not _takes(listener, where, platform.namespaces(), namespace(route)):
            yield f"{title(route)} is in a namespace that listener {listener['name']} does not take routes from"


def _takes(listener: Object, own: str, namespaces: dict[str, dict[str, str]], asking: str) -> bool:
    allowed = at(listener, "allowedRoutes", "namespaces", default={})
    match allowed.get("from", "Same"):
        case "All":
            return True
        case "Same":
            return asking == own
        case _:
            return selects(allowed.get("selector"), namespaces.get(asking, {}))


def gateways_take_routes_of_the_router_only(platform: Platform) -> Iterator[str]:
    for gateway in platform.of("Gateway"):
        for listener in gateway["spec"]["listeners"]:
            taken = {
                n
                for n in {*platform.namespaces(), "default"}
                if _takes(listener, namespace(gateway), platform.namespaces(), n)
            }
            if at(listener, "allowedRoutes", "namespaces", "from") == "All" or taken != {"cell-router"}:
                yield f"{title(gateway)}: listener {listener['name']} takes routes of {sorted(taken)}"


def entrances_rewrite_nothing(platform: Platform) -> Iterator[str]:
    """A rewrite of the path made /api/route unreachable in the forerunner."""
    for route in platform.of("HTTPRoute"):
        for rule in route["spec"]["rules"]:
            filters = rule.get("filters", []) + [f for b in rule.get("backendRefs", []) for f in b.get("filters", [])]
            yield from (
                f"{title(route)} has a {f['type']}" for f in filters if f["type"] in ("URLRewrite", "RequestRedirect")
            )
    for ingress in platform.of("Ingress"):
        yield from (f"{title(ingress)} has {a}" for a in annotations(ingress) if "rewrite" in a or "app-root" in a)


def ingresses_lead_to_services(platform: Platform) -> Iterator[str]:
    services = {(namespace(s), name(s), p["name"]) for s in platform.of("Service") for p in s["spec"]["ports"]}
    for ingress in platform.of("Ingress"):
        for path in [p for rule in ingress["spec"]["rules"] for p in rule["http"]["paths"]]:
            backend = path["backend"]["service"]
            if (namespace(ingress), backend["name"], at(backend, "port", "name")) not in services:
                yield f"{title(ingress)} leads to {backend}, which is no Service's port"
            if (path["path"], path["pathType"]) != ("/", "Prefix"):
                yield f"{title(ingress)} routes {path['path']} only"


def there_is_one_entrance(platform: Platform) -> Iterator[str]:
    entrances = [title(o) for o in platform.of("HTTPRoute", "Ingress")]
    if len(entrances) != 1:
        yield f"the router is reached by {entrances}, not by one way"


def every_path_is_routed(platform: Platform) -> Iterator[str]:
    """The gateway hides no endpoint of the public port: which exist is the program's matter."""
    for route in platform.of("HTTPRoute"):
        prefixes = [at(m, "path", "value", default="/") for r in route["spec"]["rules"] for m in r.get("matches", [{}])]
        if "/" not in prefixes:
            yield f"{title(route)} routes {prefixes} only"


def objects_lie_in_namespaces_that_exist(platform: Platform) -> Iterator[str]:
    known = set(platform.namespaces())
    if platform.environment == "existing":
        known |= {"traefik", "monitoring"}
    for o in platform.objects:
        if namespace(o) and namespace(o) not in known:
            yield f"{title(o)} lies in a namespace that nobody makes"


def objects_carry_the_recommended_labels(platform: Platform) -> Iterator[str]:
    named = {
        "Deployment",
        "Service",
        "ServiceAccount",
        "HorizontalPodAutoscaler",
        "PodDisruptionBudget",
        "HTTPRoute",
        "ServiceMonitor",
        "NetworkPolicy",
    }
    for o in platform.objects:
        wanted = {"app.kubernetes.io/part-of"} | ({"app.kubernetes.io/name"} if o["kind"] in named else set())
        if missing := wanted - set(labels(o)):
            yield f"{title(o)} lacks {sorted(missing)}"


def names_are_unique(platform: Platform) -> Iterator[str]:
    """Two Applications that own one object undo each other's work for ever."""
    seen: dict[str, str] = {}
    for application, objects in platform.parts.items():
        for o in objects:
            key = f"{o['apiVersion']} {title(o)}"
            if key in seen:
                yield f"{key} is in both {seen[key]} and {application}"
            seen[key] = application


CHECKS = (
    services_select_pods_with_their_ports,
    workloads_select_their_own_pods_only,
    pods_find_what_they_mount,
    mounted_volumes_are_declared,
    configuration_rolls_the_pods,
    probes_ask_ports_of_their_container,
    routes_lead_to_services_through_a_gateway,
    gateways_take_routes_of_the_router_only,
    entrances_rewrite_nothing,
    ingresses_lead_to_services,
    there_is_one_entrance,
    every_path_is_routed,
    objects_lie_in_namespaces_that_exist,
    objects_carry_the_recommended_labels,
    names_are_unique,
)

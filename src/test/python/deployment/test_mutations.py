"""Each check can fail: a defect is planted into a copy of what Git holds, and the check named beside it must see it."""

import copy
from collections.abc import Callable
from typing import Any

import pytest
from offline.checks import CHECKS
from offline.checks.cells import container, router
from offline.objects import Object, labels, name, namespace, pods_of
from offline.platform import Platform, load

Mutation = Callable[[Platform], Any]


def deployment(p: Platform) -> Object:
    return p.one("Deployment", "cell-router")


def spec(p: Platform) -> Object:
    return deployment(p)["spec"]


def pod(p: Platform) -> Object:
    return router(p).spec


def main(p: Platform) -> Object:
    return container(router(p))


def security(p: Platform) -> Object:
    return main(p)["securityContext"]


def cell(p: Platform) -> Object:
    return p.one("Deployment", "nginx-1")


def nginx(p: Platform) -> Object:
    return cell(p)["spec"]["template"]["spec"]["containers"][0]


def service(p: Platform) -> Object:
    return p.one("Service", "cell-router")["spec"]


def scaler(p: Platform) -> Object:
    return p.one("HorizontalPodAutoscaler", "cell-router")["spec"]


def route(p: Platform) -> Object:
    return p.one("HTTPRoute", "cell-router")["spec"]


def ingress(service: str, path: str) -> Object:
    backend = {"service": {"name": service, "port": {"name": "http"}}}
    rules = [{"http": {"paths": [{"path": path, "pathType": "Prefix", "backend": backend}]}}]
    metadata = {"name": "cell-router", "namespace": "cell-router"}
    return {"apiVersion": "networking.k8s.io/v1", "kind": "Ingress", "metadata": metadata, "spec": {"rules": rules}}


def listener(p: Platform) -> Object:
    return p.one("Gateway", "cell-router")["spec"]["listeners"][0]


def monitor(p: Platform) -> Object:
    return p.one("ServiceMonitor", "cell-router")["spec"]


def policy(p: Platform, called: str, within: str = "cell-router") -> Object:
    return p.one("NetworkPolicy", called, within)["spec"]


def config(p: Platform, prefix: str, within: str = "cell-router") -> dict[str, str]:
    [found] = [o for o in p.of("ConfigMap") if name(o).startswith(prefix) and namespace(o) == within]
    return found["data"]


def rename_config(p: Platform, old: str, new: str) -> None:
    p.one("ConfigMap", old, "cell-router")["metadata"]["name"] = new
    for volume in pod(p)["volumes"]:
        if volume.get("configMap", {}).get("name") == old:
            volume["configMap"]["name"] = new


def settings(p: Platform, **changes: str) -> None:
    config(p, "cell-router-env").update(changes)


def edit(data: dict[str, str], old: str, new: str) -> None:
    [member] = [m for m, text in data.items() if old in text]
    data[member] = data[member].replace(old, new)


def application(p: Platform, called: str) -> Object:
    [found] = [a for a in p.applications if name(a) == called]
    return found


def project(p: Platform, called: str) -> Object:
    [found] = [a for a in p.projects if name(a) == called]
    return found["spec"]


def in_wave(p: Platform, called: str, wave: str) -> None:
    application(p, called)["metadata"]["annotations"]["argocd.argoproj.io/sync-wave"] = wave


def remove(p: Platform, kind: str, called: str) -> None:
    for part in p.parts.values():
        for o in [o for o in part if o["kind"] == kind and name(o) == called]:
            part.remove(o)


def add(p: Platform, like: Object, called: str, **changes: Any) -> Object:
    another = copy.deepcopy(like)
    another["metadata"]["name"] = called
    another["spec"].update(changes)
    next(part for part in p.parts.values() if any(o is like for o in part)).append(another)
    return another


def label(o: Object, key: str, value: str) -> None:
    labels(o)[key] = value


def rename_port(ports: list[Object], old: str, new: str) -> None:
    next(port for port in ports if port["name"] == old)["name"] = new


MUTATIONS: dict[str, dict[str, Mutation]] = {
    "services_select_pods_with_their_ports": {
        "a selector with a typing error": lambda p: service(p)["selector"].update(
            {"app.kubernetes.io/name": "cell-ruoter"}
        ),
        "a port that the pod does not have": lambda p: service(p)["ports"][0].update(targetPort="web"),
        "a port number that the pod does not have": lambda p: service(p)["ports"][0].update(targetPort=80),
    },
    "workloads_select_their_own_pods_only": {
        "pods without the label": lambda p: spec(p)["template"]["metadata"]["labels"].pop(
            "app.kubernetes.io/component"
        ),
        "a second workload with the same labels": lambda p: add(p, deployment(p), "another"),
    },
    "pods_find_what_they_mount": {
        "a ConfigMap of another name": lambda p: pod(p)["volumes"][0]["configMap"].update(name="cell-router-cell"),
        "variables of another name": lambda p: main(p)["envFrom"][0]["configMapRef"].update(name="cell-router-env"),
        "a ServiceAccount that is not there": lambda p: remove(p, "ServiceAccount", "cell-router"),
        "a Secret that nobody makes": lambda p: pod(p)["volumes"].append({"name": "x", "secret": {"secretName": "x"}}),
    },
    "mounted_volumes_are_declared": {
        "a mount of nothing": lambda p: main(p)["volumeMounts"][0].update(name="configuration")
    },
    "configuration_rolls_the_pods": {
        "a ConfigMap without a hash": lambda p: (
            [o for o in p.of("ConfigMap") if name(o).startswith("cell-router-env")][0]["metadata"].update(
                name="cell-router-env"
            ),
            main(p)["envFrom"][0]["configMapRef"].update(name="cell-router-env"),
        )
    },
    "probes_ask_ports_of_their_container": {
        "a port of another name": lambda p: rename_port(main(p)["ports"], "management", "admin")
    },
    "routes_lead_to_services_through_a_gateway": {
        "a Service that is not there": lambda p: route(p)["rules"][0]["backendRefs"][0].update(name="router"),
        "the container's port by another number": lambda p: route(p)["rules"][0]["backendRefs"][0].update(port=80),
        "a listener that is not there": lambda p: route(p)["parentRefs"][0].update(sectionName="web"),
        "a Gateway that is not there": lambda p: route(p)["parentRefs"][0].update(namespace="cell-router"),
        "a listener that takes no routes of the namespace": lambda p: listener(p).update(
            allowedRoutes={"namespaces": {"from": "Same"}}
        ),
    },
    "gateways_take_routes_of_the_router_only": {
        "routes of all namespaces": lambda p: listener(p).update(allowedRoutes={"namespaces": {"from": "All"}}),
        "routes of any namespace by an empty selector": lambda p: listener(p).update(
            allowedRoutes={"namespaces": {"from": "Selector", "selector": {}}}
        ),
    },
    "entrances_rewrite_nothing": {
        "a rewrite of the path": lambda p: route(p)["rules"][0].update(
            filters=[{"type": "URLRewrite", "urlRewrite": {}}]
        ),
        "an Ingress with rewrite-target": lambda p: p.parts["router"].append(
            {
                "apiVersion": "networking.k8s.io/v1",
                "kind": "Ingress",
                "metadata": {"name": "x", "annotations": {"nginx.ingress.kubernetes.io/rewrite-target": "/"}},
            }
        ),
    },
    "ingresses_lead_to_services": {
        "a Service that is not there": lambda p: p.parts["router"].append(ingress("router", "/")),
        "one path only": lambda p: p.parts["router"].append(ingress("cell-router", "/api")),
    },
    "there_is_one_entrance": {
        "none": lambda p: remove(p, "HTTPRoute", "cell-router"),
        "a second one": lambda p: p.parts["router"].append(ingress("cell-router", "/")),
    },
    "every_path_is_routed": {
        "one path only": lambda p: route(p)["rules"][0].update(matches=[{"path": {"value": "/api"}}])
    },
    "objects_lie_in_namespaces_that_exist": {
        "a namespace that nobody makes": lambda p: remove(p, "Namespace", "cell-2")
    },
    "objects_carry_the_recommended_labels": {
        "a label gone": lambda p: labels(p.one("Service", "cell-router")).pop("app.kubernetes.io/name")
    },
    "names_are_unique": {"an object in two Applications": lambda p: p.parts["cell-1"].append(deployment(p))},
    "namespaces_enforce_pod_security": {
        "another level": lambda p: label(
            p.one("Namespace", "cell-router"), "pod-security.kubernetes.io/enforce", "baseline"
        ),
        "no level": lambda p: labels(p.one("Namespace", "cell-1")).pop("pod-security.kubernetes.io/enforce"),
        "no warning": lambda p: labels(p.one("Namespace", "cell-1")).pop("pod-security.kubernetes.io/warn"),
    },
    "namespaces_ask_for_the_admission_policies": {
        "a cell without policies": lambda p: labels(p.one("Namespace", "cell-3")).pop("cell-router.io/policies"),
        "a laptop that calls itself production": lambda p: label(
            p.one("Namespace", "cell-3"), "cell-router.io/environment", "production"
        ),
    },
    "pods_are_restricted": {
        "privileged": lambda p: security(p).update(privileged=True),
        "privileges to gain": lambda p: security(p).pop("allowPrivilegeEscalation"),
        "capabilities kept": lambda p: security(p).update(capabilities={"drop": ["NET_RAW"]}),
        "a capability added": lambda p: security(p)["capabilities"].update(add=["SYS_TIME"]),
        "maybe root": lambda p: pod(p)["securityContext"].pop("runAsNonRoot"),
        "the container may be root": lambda p: security(p).update(runAsNonRoot=False),
        "user 0": lambda p: security(p).update(runAsUser=0),
        "user 0 for the pod": lambda p: pod(p)["securityContext"].update(runAsUser=0),
        "no seccomp profile": lambda p: pod(p)["securityContext"].pop("seccompProfile"),
        "seccomp unconfined": lambda p: security(p).update(seccompProfile={"type": "Unconfined"}),
        "AppArmor unconfined": lambda p: security(p).update(appArmorProfile={"type": "Unconfined"}),
        "an SELinux type": lambda p: security(p).update(seLinuxOptions={"type": "spc_t"}),
        "an SELinux user": lambda p: security(p).update(seLinuxOptions={"user": "system_u"}),
        "a host process": lambda p: security(p).update(windowsOptions={"hostProcess": True}),
        "/proc unmasked": lambda p: security(p).update(procMount="Unmasked"),
        "the host's network": lambda p: pod(p).update(hostNetwork=True),
        "the host's processes": lambda p: pod(p).update(hostPID=True),
        "the host's IPC": lambda p: pod(p).update(hostIPC=True),
        "a port of the host": lambda p: main(p)["ports"][0].update(hostPort=8000),
        "a folder of the host": lambda p: pod(p)["volumes"].append({"name": "x", "hostPath": {"path": "/"}}),
        "a sysctl": lambda p: pod(p)["securityContext"].update(sysctls=[{"name": "kernel.msgmax", "value": "1"}]),
        "a probe of another host": lambda p: main(p)["livenessProbe"]["httpGet"].update(host="example.com"),
        "an init container like none of the others": lambda p: pod(p).update(
            initContainers=[{"name": "x", "image": "x:1"}]
        ),
    },
    "root_file_systems_are_read_only": {"writable": lambda p: security(p).pop("readOnlyRootFilesystem")},
    "pods_have_no_way_to_the_api": {
        "a token": lambda p: pod(p).pop("automountServiceAccountToken"),
        "a token for whoever uses the account": lambda p: p.one("ServiceAccount", "nginx-1").pop(
            "automountServiceAccountToken"
        ),
        "the default account": lambda p: pod(p).pop("serviceAccountName"),
    },
    "service_links_are_off": {"on by default": lambda p: pod(p).pop("enableServiceLinks")},
    "resources_are_stated": {
        "no request": lambda p: main(p)["resources"]["requests"].pop("cpu"),
        "no memory limit": lambda p: main(p)["resources"]["limits"].pop("memory"),
        "a request above the limit": lambda p: main(p)["resources"]["requests"].update(memory="1Gi"),
    },
    "quotas_leave_room_for_a_rollout": {
        "an autoscaler beyond the quota": lambda p: scaler(p).update(maxReplicas=100),
        "pods that are too big": lambda p: main(p)["resources"]["limits"].update(memory="8Gi"),
    },
    "limit_ranges_admit_the_pods": {
        "pods that are too big": lambda p: main(p)["resources"]["limits"].update(memory="8Gi")
    },
    "images_are_pinned": {
        "no tag": lambda p: main(p).update(image="registry.example.com:5000/cell-router"),
        "latest": lambda p: main(p).update(image="cell-router:latest"),
        "pulled always": lambda p: main(p).update(imagePullPolicy="Always"),
        "a digest cut short": lambda p: main(p).update(image="cell-router@sha256:0123"),
    },
    "ports_need_no_privilege": {"a cell on port 80": lambda p: nginx(p)["ports"][0].update(containerPort=80)},
    "serving_containers_are_probed": {
        "no startup probe": lambda p: main(p).pop("startupProbe"),
        "a cell without readiness": lambda p: nginx(p).pop("readinessProbe"),
        "a probe that overlaps the next": lambda p: main(p)["livenessProbe"].update(timeoutSeconds=30),
    },
    "pods_spread_over_hosts_and_zones": {
        "hosts only": lambda p: pod(p)["topologySpreadConstraints"].pop(),
        "counting others": lambda p: pod(p)["topologySpreadConstraints"][0].update(
            labelSelector={"matchLabels": {"app": "router"}}
        ),
    },
    "rollouts_keep_every_replica": {
        "one fewer": lambda p: spec(p)["strategy"]["rollingUpdate"].update(maxUnavailable=1),
        "recreated": lambda p: spec(p).update(strategy={"type": "Recreate"}),
        "available at once": lambda p: spec(p).pop("minReadySeconds"),
    },
    "scalers_have_a_target": {"another name": lambda p: scaler(p)["scaleTargetRef"].update(name="router")},
    "the_router_is_scaled": {"no autoscaler": lambda p: remove(p, "HorizontalPodAutoscaler", "cell-router")},
    "nothing_scales_on_memory": {
        "memory": lambda p: scaler(p)["metrics"].append({"type": "Resource", "resource": {"name": "memory"}}),
        "memory by another name": lambda p: scaler(p)["metrics"].append(
            {"type": "Pods", "pods": {"metric": {"name": "jvm_memory_bytes_used"}}}
        ),
        "no CPU": lambda p: scaler(p)["metrics"].clear(),
    },
    "scaled_workloads_state_no_replicas": {"replicas": lambda p: spec(p).update(replicas=2)},
    "there_is_always_a_second_pod": {"one pod": lambda p: scaler(p).update(minReplicas=1)},
    "budgets_let_one_pod_go": {
        "none may go": lambda p: p.one("PodDisruptionBudget", "cell-router")["spec"].update(maxUnavailable=0),
        "a budget for nobody": lambda p: p.one("PodDisruptionBudget", "cell-router")["spec"]["selector"][
            "matchLabels"
        ].update(x="y"),
        "no budget": lambda p: remove(p, "PodDisruptionBudget", "cell-router"),
        "two budgets, which the eviction refuses": lambda p: add(
            p, p.one("PodDisruptionBudget", "cell-router"), "another"
        ),
    },
    "monitors_select_one_service": {
        "a label that the Service lacks": lambda p: monitor(p)["selector"]["matchLabels"].update(release="prometheus"),
        "a port by the number's name": lambda p: monitor(p)["endpoints"][0].update(port="9000"),
        "two Services": lambda p: monitor(p)["selector"]["matchLabels"].pop("app.kubernetes.io/component"),
    },
    "services_are_scraped_once": {
        "twice": lambda p: add(p, p.one("ServiceMonitor", "cell-router"), "again"),
        "never": lambda p: remove(p, "ServiceMonitor", "nginx-2"),
    },
    "intervals_are_stated": {
        "none": lambda p: monitor(p)["endpoints"][0].pop("interval"),
        "no duration": lambda p: monitor(p)["endpoints"][0].update(interval="15"),
        "a time-out beyond the interval": lambda p: monitor(p)["endpoints"][0].update(scrapeTimeout="1m"),
        "another path": lambda p: monitor(p)["endpoints"][0].update(path="/prometheus"),
    },
    "series_of_a_cell_name_it": {
        "no cell_id": lambda p: p.one("ServiceMonitor", "nginx-1")["spec"]["endpoints"][0].pop("relabelings")
    },
    "variables_are_settings": {"a name with a typing error": lambda p: settings(p, REQUEST_TIMOUT="5")},
    "values_are_plain": {"a variable of a variable": lambda p: settings(p, OTEL_RESOURCE_ATTRIBUTES="pod=$(POD)")},
    "ports_are_those_the_router_listens_on": {
        "another port": lambda p: settings(p, PORT="8080"),
        "the port's default": lambda p: main(p)["ports"][1].update(containerPort=9001),
    },
    "probes_stay_in_the_process": {
        "liveness that looks at the cells": lambda p: main(p)["livenessProbe"]["httpGet"].update(path="/health"),
        "readiness that does not look": lambda p: main(p)["readinessProbe"]["httpGet"].update(path="/live"),
        "on the public port": lambda p: main(p)["livenessProbe"]["httpGet"].update(port="http"),
    },
    "the_grace_period_covers_the_drain": {
        "the default": lambda p: pod(p).pop("terminationGracePeriodSeconds"),
        "a longer deadline": lambda p: settings(p, REQUEST_TIMEOUT="45"),
        "a longer drain": lambda p: settings(p, DRAIN_DELAY="20"),
        "no sleep": lambda p: main(p).pop("lifecycle"),
    },
    "a_cell_keeps_serving_while_its_endpoint_goes": {
        "no sleep": lambda p: nginx(p).pop("lifecycle"),
        "the default grace": lambda p: cell(p)["spec"]["template"]["spec"].pop("terminationGracePeriodSeconds"),
    },
    "every_cell_is_configured_and_deployed": {
        "a cell that is configured only": lambda p: remove(p, "Namespace", "cell-3"),
        "a cell that is deployed only": lambda p: edit(config(p, "cell-router-cells"), '"3":', '"4":'),
        "no file": lambda p: settings(p, ROUTER_CONFIG="/etc/cell-router/config/cells.yml"),
        "a file elsewhere": lambda p: settings(p, ROUTER_CONFIG="/etc/cells.yaml"),
    },
    "cell_urls_lead_to_their_service": {
        "another cell's": lambda p: edit(config(p, "cell-router-cells"), "nginx-2.cell-2", "nginx-1.cell-1"),
        "another port": lambda p: edit(
            config(p, "cell-router-cells"),
            "nginx-2.cell-2.svc.cluster.local:8080",
            "nginx-2.cell-2.svc.cluster.local:80",
        ),
        "another namespace": lambda p: edit(config(p, "cell-router-cells"), "nginx-2.cell-2", "nginx-2.cell-router"),
    },
    "cells_keep_to_themselves": {
        "in the wrong namespace": lambda p: p.one("Service", "nginx-1")["metadata"].update(namespace="cell-2"),
        "pods of another cell": lambda p: cell(p)["spec"]["template"]["metadata"]["labels"].update(
            {"cell-router.io/cell": "2"}
        ),
        "an instance of another cell": lambda p: label(cell(p), "app.kubernetes.io/instance", "nginx-2"),
        "the placeholder": lambda p: p.one("Service", "cell-router")["metadata"].update(namespace="cell-ID"),
    },
    "a_cells_configuration_says_its_number": {
        "another": lambda p: edit(config(p, "nginx-config", "cell-2"), 'default "2"', 'default "1"')
    },
    "the_cells_are_read_again": {
        "a name that changes": lambda p: rename_config(p, "cell-router-cells", "cell-router-cells-7h9k2m4b8c"),
        "a file that is never updated": lambda p: main(p)["volumeMounts"][0].update(subPath="cells.yaml"),
    },
    "peers_are_the_routers_that_serve": {
        "nobody asked": lambda p: settings(p, PEERS_DNS=""),
        "a name that is searched for": lambda p: settings(p, PEERS_DNS="cell-router-peers"),
        "the Service with one address": lambda p: settings(p, PEERS_DNS="cell-router.cell-router.svc.cluster.local."),
        "those that do not serve": lambda p: p.one("Service", "cell-router-peers")["spec"].update(
            publishNotReadyAddresses=True
        ),
        "other pods": lambda p: p.one("Service", "cell-router-peers")["spec"]["selector"].update(
            {"app.kubernetes.io/component": "peers"}
        ),
    },
    "admin_keys_are_mounted_where_they_are_read": {
        "no file": lambda p: settings(p, ADMIN_KEYS_FILE=""),
        "a file that is not mounted": lambda p: settings(p, ADMIN_KEYS_FILE="/etc/cell-router/admin.json"),
        "the clients' keys": lambda p: settings(p, ADMIN_KEYS_FILE="/etc/cell-router/keys/api-keys.json"),
        "keys in the environment": lambda p: settings(p, ADMIN_KEYS_JSON='{"k":"c"}'),
        "a Secret that must be there": lambda p: pod(p)["volumes"][2]["secret"].update(optional=False),
    },
    "keys_are_mounted_where_they_are_read": {
        "a file elsewhere": lambda p: settings(p, API_KEY_ENABLED="true", API_KEYS_FILE="/etc/keys.json"),
        "keys in the environment": lambda p: settings(
            p, API_KEY_ENABLED="true", API_KEYS_JSON='{"k":"c"}', API_KEYS_FILE="/etc/cell-router/keys/api-keys.json"
        ),
        "a file that is never updated": lambda p: (
            settings(p, API_KEY_ENABLED="true", API_KEYS_FILE="/etc/cell-router/keys/api-keys.json"),
            main(p)["volumeMounts"][1].update(subPath="api-keys.json"),
        ),
    },
    "waves_are_the_documented_ones": {
        "no wave": lambda p: application(p, "cell-1")["metadata"].pop("annotations"),
        "cells before the monitoring": lambda p: in_wave(p, "cell-1", "2"),
    },
    "every_documented_application_is_there": {
        "no dashboards": lambda p: p.applications.remove(application(p, "dashboards")),
        "no controller": lambda p: p.applications.remove(application(p, "metrics-server")),
    },
    "namespaces_come_first": {
        "after its objects": lambda p: in_wave(p, "namespaces", "6"),
        "made by whoever needs it": lambda p: application(p, "traefik")["spec"]["syncPolicy"].update(
            syncOptions=["CreateNamespace=true"]
        ),
        "a chart before its namespace": lambda p: in_wave(p, "traefik", "0"),
    },
    "no_wave_is_hidden_in_a_template": {
        "an ApplicationSet": lambda p: application(p, "cell-1").update(kind="ApplicationSet")
    },
    "applications_build_from_this_repository": {
        "a folder that is not there": lambda p: application(p, "router")["spec"]["source"].update(
            path="manifests/router"
        ),
        "another branch": lambda p: application(p, "router")["spec"]["source"].update(targetRevision="HEAD"),
        "a chart of any version": lambda p: application(p, "metrics-server")["spec"]["source"].update(
            targetRevision="3.x"
        ),
        "nothing rendered": lambda p: p.parts.pop("alert-rules"),
    },
    "environments_use_their_own_overlays": {
        "production on a laptop": lambda p: application(p, "router")["spec"]["source"].update(
            path="manifests/overlays/production/router"
        )
    },
    "syncs_are_automatic_and_patient": {
        "by hand": lambda p: application(p, "router")["spec"]["syncPolicy"].pop("automated"),
        "no self-heal": lambda p: application(p, "router")["spec"]["syncPolicy"]["automated"].update(selfHeal=False),
        "no second try": lambda p: application(p, "root")["spec"]["syncPolicy"].pop("retry"),
    },
    "projects_allow_what_is_deployed": {
        "a kind that is not allowed": lambda p: project(p, "router")["namespaceResourceWhitelist"].pop(3),
        "another project": lambda p: application(p, "router")["spec"].update(project="cells"),
        "a namespace that is not allowed": lambda p: project(p, "router")["destinations"][0].update(namespace="cell-1"),
        "a namespace that is forbidden": lambda p: project(p, "router")["destinations"].append(
            {"server": "https://kubernetes.default.svc", "namespace": "!cell-router"}
        ),
        "a repository that is not allowed": lambda p: project(p, "cells").update(
            sourceRepos=["https://example.com/other.git"]
        ),
        "no such project": lambda p: p.projects.remove(next(o for o in p.projects if name(o) == "cells")),
    },
    "projects_allow_nothing_else": {
        "any kind": lambda p: project(p, "router")["namespaceResourceWhitelist"].append({"group": "*", "kind": "*"}),
        "any namespace": lambda p: project(p, "router")["destinations"][0].update(namespace="*"),
        "some other namespaces": lambda p: project(p, "router")["destinations"][0].update(namespace="kube-*"),
        "any repository": lambda p: project(p, "router").update(sourceRepos=["*"]),
    },
    "only_root_makes_applications": {
        "another too": lambda p: project(p, "cells")["namespaceResourceWhitelist"].append(
            {"group": "argoproj.io", "kind": "Application"}
        ),
        "root makes projects": lambda p: project(p, "root")["namespaceResourceWhitelist"].append(
            {"group": "argoproj.io", "kind": "AppProject"}
        ),
    },
    "crds_come_before_their_objects": {"the monitoring last": lambda p: in_wave(p, "monitoring", "6")},
    "the_matrix_is_the_expected_one": {
        "DNS over UDP only": lambda p: policy(p, "to-dns")["egress"][0]["ports"].pop(),
        "DNS by a label set by hand": lambda p: policy(p, "to-dns")["egress"][0]["to"][0].update(
            namespaceSelector={"matchLabels": {"name": "kube-system"}}
        ),
        "anybody's pod called DNS": lambda p: policy(p, "to-dns")["egress"][0]["to"][0].update(namespaceSelector={}),
        "all of kube-system": lambda p: policy(p, "to-dns")["egress"][0]["to"][0].pop("podSelector"),
        "the Service's port": lambda p: policy(p, "to-cells")["egress"][0]["ports"][0].update(port=80),
        "every port of a cell": lambda p: policy(p, "to-cells")["egress"][0].pop("ports"),
        "every pod called cell": lambda p: policy(p, "to-cells")["egress"][0]["to"][0].update(namespaceSelector={}),
        "either a cell's namespace or a cell's label": lambda p: policy(p, "to-cells")["egress"][0].update(
            to=[
                {"namespaceSelector": {"matchExpressions": [{"key": "cell-router.io/cell", "operator": "Exists"}]}},
                {"podSelector": {}},
            ]
        ),
        "a hole for an address": lambda p: policy(p, "to-cells")["egress"][0]["to"].append(
            {"ipBlock": {"cidr": "0.0.0.0/0"}}
        ),
        "anybody to the router": lambda p: policy(p, "from-gateway").update(ingress=[{"ports": [{"port": 8000}]}]),
        "anybody called Traefik": lambda p: policy(p, "from-gateway")["ingress"][0].update(
            **{
                "from": [
                    {"namespaceSelector": {}, "podSelector": {"matchLabels": {"app.kubernetes.io/name": "traefik"}}}
                ]
            }
        ),
        "the gateway to the management port": lambda p: policy(p, "from-gateway")["ingress"][0]["ports"].append(
            {"port": 9000}
        ),
        "a range of ports": lambda p: policy(p, "from-gateway")["ingress"][0]["ports"][0].update(endPort=9000),
        "no scraping": lambda p: remove(p, "NetworkPolicy", "from-monitoring"),
        "a cell that may call": lambda p: policy(p, "default-deny", "cell-1").update(egress=[{}]),
        "no policy at all": lambda p: [remove(p, "NetworkPolicy", name(o)) for o in p.of("NetworkPolicy")],
        "no rule for what leaves": lambda p: policy(p, "default-deny", "cell-1").update(policyTypes=["Ingress"]),
    },
    "everything_else_is_denied": {
        "for some pods only": lambda p: policy(p, "default-deny").update(
            podSelector={"matchLabels": {"app.kubernetes.io/component": "router"}}
        ),
        "not at all": lambda p: remove(p, "NetworkPolicy", "default-deny"),
    },
    "namespaces_are_named_by_what_kubernetes_sets": {
        "a label set by hand": lambda p: policy(p, "to-dns")["egress"][0]["to"][0].update(
            namespaceSelector={"matchLabels": {"name": "kube-system"}}
        )
    },
}

# What can only be wrong in production.
IN_PRODUCTION: dict[str, dict[str, Mutation]] = {
    "keys_are_mounted_where_they_are_read": {"no keys asked for": lambda p: settings(p, API_KEY_ENABLED="false")},
    "there_is_always_a_second_pod": {"a cell with one pod": lambda p: cell(p)["spec"].update(replicas=1)},
    "namespaces_ask_for_the_admission_policies": {
        "not called production": lambda p: labels(p.one("Namespace", "cell-1")).pop("cell-router.io/environment")
    },
    "environments_use_their_own_overlays": {
        "the laptop's": lambda p: application(p, "router")["spec"]["source"].update(
            path="manifests/overlays/kind/router"
        )
    },
    "quotas_leave_room_for_a_rollout": {"an autoscaler beyond the quota": lambda p: scaler(p).update(maxReplicas=500)},
}


@pytest.mark.parametrize(("check", "defect"), [(c, d) for c, defects in MUTATIONS.items() for d in defects])
def test_a_planted_defect_is_found(check: str, defect: str) -> None:
    platform = load("kind")
    assert list(CHECKS[check](platform)) == [], "the check is red before anything was planted"
    MUTATIONS[check][defect](platform)
    assert list(CHECKS[check](platform)), f"{check} does not see: {defect}"


@pytest.mark.parametrize(("check", "defect"), [(c, d) for c, defects in IN_PRODUCTION.items() for d in defects])
def test_a_defect_planted_in_production_is_found(check: str, defect: str) -> None:
    platform = load("production")
    assert list(CHECKS[check](platform)) == []
    IN_PRODUCTION[check][defect](platform)
    assert list(CHECKS[check](platform)), f"{check} does not see: {defect}"


def test_every_check_has_a_planted_defect() -> None:
    assert set(MUTATIONS) == set(CHECKS)


def test_templates_of_every_workload_are_looked_at() -> None:
    template = {"metadata": {"labels": {"a": "b"}}, "spec": {"containers": []}}
    for kind in ("Deployment", "StatefulSet", "DaemonSet", "Job", "ReplicaSet"):
        found = pods_of({"kind": kind, "spec": {"template": template}})
        assert found and found.labels == {"a": "b"}
    found = pods_of({"kind": "CronJob", "spec": {"jobTemplate": {"spec": {"template": template}}}})
    assert found and found.labels == {"a": "b"}

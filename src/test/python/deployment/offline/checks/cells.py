"""The cells as the router's configuration names them, against the cells that are deployed; settings against the program."""

import re
from collections.abc import Iterator

import yaml

from ..kustomize import ROOT
from ..objects import Object, Pods, at, labels, name, namespace, pods_of, title
from ..platform import Platform

ENDPOINTS = {"startupProbe": {"/live"}, "livenessProbe": {"/live"}, "readinessProbe": {"/ready"}}


def settings() -> dict[str, str]:
    """The program's variables and their defaults, by the README's table, which ReadmeTest holds against the code.

    Those of cells have a pattern instead: check-config, which test_program runs, knows their names.
    """
    table = (ROOT / "README.md").read_text().split("<!-- settings -->")[1].split("<!-- /settings -->")[0]
    return {m[1]: m[2] or "" for m in re.finditer(r"^\| `(\w+)` \| (?:`([^`]*)`)? ?\|", table, re.MULTILINE)}


def router(platform: Platform) -> Pods:
    pods = pods_of(platform.one("Deployment", "cell-router", "cell-router"))
    assert pods
    return pods


def container(pods: Pods) -> Object:
    return next(c for c in pods.spec["containers"] if c["name"] == "router")


def environment(platform: Platform) -> dict[str, str]:
    """The variables that the router's container gets, those from Secrets left out."""
    found: dict[str, str] = {}
    for source in container(router(platform)).get("envFrom", []):
        config = platform.one("ConfigMap", source["configMapRef"]["name"], "cell-router")
        found |= {source.get("prefix", "") + key: value for key, value in config["data"].items()}
    for variable in container(router(platform)).get("env", []):
        if "value" in variable:
            found[variable["name"]] = variable["value"]
        elif key := at(variable, "valueFrom", "configMapKeyRef"):
            found[variable["name"]] = platform.one("ConfigMap", key["name"], "cell-router")["data"][key["key"]]
    return found


def setting(platform: Platform, variable: str) -> str:
    return environment(platform).get(variable, settings()[variable])


def mounted_file(platform: Platform, path: str) -> tuple[Object, str] | None:
    """The object and member that the router finds under a path: a ConfigMap, or the name of a Secret."""
    pods = router(platform)
    for mount in container(pods).get("volumeMounts", []):
        if not path.startswith(mount["mountPath"] + "/"):
            continue
        volume = next(v for v in pods.spec["volumes"] if v["name"] == mount["name"])
        member = path.removeprefix(mount["mountPath"] + "/")
        if "configMap" in volume:
            config = platform.one("ConfigMap", volume["configMap"]["name"], "cell-router")
            return (config, member) if member in config["data"] else None
        if "secret" in volume:
            return {"secretName": volume["secret"]["secretName"]}, member
    return None


def configured_cells(platform: Platform) -> dict[str, Object]:
    found = mounted_file(platform, setting(platform, "ROUTER_CONFIG"))
    if not found:
        return {}
    config, member = found
    return yaml.safe_load(config["data"][member])["cells"]


def variables_are_settings(platform: Platform) -> Iterator[str]:
    known = settings()
    # The JVM's own, and where the image's launcher takes JVM options from.
    for variable in environment(platform):
        if variable not in known and not re.fullmatch(
            r"CELL_\w+|NGINX_\w+_\w+|JDK_JAVA_OPTIONS|JAVA_TOOL_OPTIONS|ROUTER_JVM_\w+|JVM_\w+", variable
        ):
            yield f"{variable} is no setting of the router"


def values_are_plain(platform: Platform) -> Iterator[str]:
    """No variable expands another: $(X) stays as it stands in a ConfigMap."""
    for variable, value in environment(platform).items():
        if not isinstance(value, str) or "$(" in value or value != value.strip():
            yield f"{variable} is {value!r}"


def ports_are_those_the_router_listens_on(platform: Platform) -> Iterator[str]:
    declared = {p["name"]: p["containerPort"] for p in router(platform).ports()}
    for port, variable in (("http", "PORT"), ("management", "MANAGEMENT_PORT")):
        if str(declared.get(port)) != setting(platform, variable):
            yield f"port {port} is {declared.get(port)}, the router listens on {setting(platform, variable)}"


def probes_stay_in_the_process(platform: Platform) -> Iterator[str]:
    """Liveness looks at nothing but the process; readiness reads what background probes found. Both on the port that a
    flood of requests cannot starve."""
    for kind, allowed in ENDPOINTS.items():
        probe = at(container(router(platform)), kind, "httpGet", default={})
        if probe.get("path") not in allowed or probe.get("port") not in ("management", 9000):
            yield f"{kind} asks {probe.get('path')} on {probe.get('port')}, expected {sorted(allowed)} on management"


def the_grace_period_covers_the_drain(platform: Platform) -> Iterator[str]:
    pods = router(platform)
    grace = pods.spec.get("terminationGracePeriodSeconds", 30)
    sleep = at(container(pods), "lifecycle", "preStop", "sleep", "seconds", default=0)
    needed = sleep + float(setting(platform, "DRAIN_DELAY")) + float(setting(platform, "REQUEST_TIMEOUT"))
    if grace <= needed:
        yield f"the router is killed after {grace} s, when {needed:g} s may be needed"
    if not sleep:
        yield "the router has no preStop sleep: it may be told to stop before its endpoint is removed"


def a_cell_keeps_serving_while_its_endpoint_goes(platform: Platform) -> Iterator[str]:
    for pods in platform.pods():
        for one in pods.spec["containers"]:
            if one["name"] != "nginx":
                continue
            sleep = at(one, "lifecycle", "preStop", "sleep", "seconds", default=0)
            if not sleep:
                yield f"{pods.title} stops before its endpoint is removed"
            if pods.spec.get("terminationGracePeriodSeconds", 30) <= sleep + float(
                setting(platform, "REQUEST_TIMEOUT")
            ):
                yield f"{pods.title} is killed while the router may still wait for it"


def every_cell_is_configured_and_deployed(platform: Platform) -> Iterator[str]:
    deployed, configured = set(platform.cells()), set(configured_cells(platform))
    if not configured:
        yield "ROUTER_CONFIG names no file with cells"
    if missing := configured - deployed:
        yield f"cells {sorted(missing)} are configured, but not deployed"
    if missing := deployed - configured:
        yield f"cells {sorted(missing)} are deployed, but not configured"


def cell_urls_lead_to_their_service(platform: Platform) -> Iterator[str]:
    services = {
        f"http://{name(s)}.{namespace(s)}.svc.cluster.local:{port['port']}": s
        for s in platform.of("Service")
        for port in s["spec"]["ports"]
        if port["name"] == "http"
    }
    for cell, config in configured_cells(platform).items():
        for url in config.get("urls") or [config["url"]]:
            service = services.get(url)
            if service is None:
                yield f"cell {cell} is said to be at {url}, which is no Service's port http"
            elif labels(service).get("cell-router.io/cell") != str(cell):
                yield f"cell {cell} is said to be at {url}, which is another cell's: {title(service)}"
        if config.get("name", f"nginx-{cell}") != f"nginx-{cell}":
            yield f"cell {cell} is named {config['name']}"


def cells_keep_to_themselves(platform: Platform) -> Iterator[str]:
    """Whatever carries a cell's label lies in that cell's namespace, and says no other cell's number."""
    for o in platform.objects:
        cell = labels(o).get("cell-router.io/cell")
        if cell is None:
            continue
        home = name(o) if o["kind"] == "Namespace" else namespace(o)
        if home != f"cell-{cell}":
            yield f"{title(o)} says that it is of cell {cell}"
        if (pods := pods_of(o)) and pods.labels.get("cell-router.io/cell") != cell:
            yield f"{title(o)}: its pods say that they are of cell {pods.labels.get('cell-router.io/cell')}"
        if (instance := labels(o).get("app.kubernetes.io/instance", f"nginx-{cell}")) != f"nginx-{cell}":
            yield f"{title(o)} is an instance of {instance}"
    for o in platform.objects:
        if "ID" in re.split(r"[-/\"\s]", f"{name(o)} {namespace(o)} {' '.join(map(str, labels(o).values()))}"):
            yield f"{title(o)} still says ID where the cell's number belongs"


def a_cells_configuration_says_its_number(platform: Platform) -> Iterator[str]:
    for cell in platform.cells():
        texts = [t for o in platform.of("ConfigMap") if namespace(o) == f"cell-{cell}" for t in o["data"].values()]
        said = {m for t in texts for m in re.findall(r'map \$host \$cell \{ default "([^"]*)"; \}', t)}
        if said != {cell}:
            yield f"the nginx of cell {cell} calls itself {sorted(said)}"


def the_cells_are_read_again(platform: Platform) -> Iterator[str]:
    """A change of the cells reaches running routers: the ConfigMap keeps its name, and a folder is mounted."""
    path = setting(platform, "ROUTER_CONFIG")
    for mount in container(router(platform)).get("volumeMounts", []):
        if path.startswith(mount["mountPath"]) and "subPath" in mount:
            yield f"{mount['mountPath']} is mounted by subPath: a change never reaches a running pod"
    found = mounted_file(platform, path)
    if not found or found[0].get("kind") != "ConfigMap" or name(found[0]) != "cell-router-cells":
        yield f"{path} is not of the ConfigMap cell-router-cells: a change would be a rollout"


def peers_are_the_routers_that_serve(platform: Platform) -> Iterator[str]:
    """A name in full, with its last dot, so that no look-up tries others first; of a headless Service, which answers with each pod."""
    wanted = setting(platform, "PEERS_DNS")
    services = {f"{name(s)}.{namespace(s)}.svc.cluster.local.": s for s in platform.of("Service")}
    if wanted not in services:
        yield f"PEERS_DNS is {wanted!r}, which is no Service's name in full"
        return
    spec = services[wanted]["spec"]
    if spec.get("clusterIP") != "None":
        yield f"{title(services[wanted])} is not headless: it has one address for all"
    if spec.get("publishNotReadyAddresses"):
        yield f"{title(services[wanted])} names routers that do not serve"
    selected = platform.pods_selected(namespace(services[wanted]), {"matchLabels": spec.get("selector", {})})
    if [p.title for p in selected] != [router(platform).title]:
        yield f"{title(services[wanted])} selects {[p.title for p in selected]}"


def admin_keys_are_mounted_where_they_are_read(platform: Platform) -> Iterator[str]:
    """Made when they are first needed (task secrets): until then the router serves, and nothing can be changed at run time."""
    if setting(platform, "ADMIN_KEYS_JSON"):
        yield "admin keys stand in the environment"
    path = setting(platform, "ADMIN_KEYS_FILE")
    if mounted_file(platform, path) != ({"secretName": "cell-router-admin-keys"}, "admin-keys.json"):
        yield f"ADMIN_KEYS_FILE is {path!r}, where {mounted_file(platform, path)} is mounted"
    for volume in router(platform).spec["volumes"]:
        if at(volume, "secret", "secretName") == "cell-router-admin-keys" and not at(volume, "secret", "optional"):
            yield "no router runs before there is an admin key"


def keys_are_mounted_where_they_are_read(platform: Platform) -> Iterator[str]:
    if setting(platform, "API_KEY_ENABLED") != "true":
        if platform.environment == "production":
            yield "production does not ask for API keys"
        return
    if setting(platform, "API_KEYS_JSON"):
        yield "API keys stand in the environment"
    found = mounted_file(platform, setting(platform, "API_KEYS_FILE"))
    if not found or found != ({"secretName": "cell-router-api-keys"}, "api-keys.json"):
        yield f"API_KEYS_FILE is {setting(platform, 'API_KEYS_FILE')!r}, where {found} is mounted"
    # A file mounted by subPath is never updated: keys could not be rotated without a restart.
    for mount in container(router(platform)).get("volumeMounts", []):
        if "subPath" in mount:
            yield f"{mount['mountPath']} is mounted by subPath"


CHECKS = (
    variables_are_settings,
    values_are_plain,
    ports_are_those_the_router_listens_on,
    probes_stay_in_the_process,
    the_grace_period_covers_the_drain,
    a_cell_keeps_serving_while_its_endpoint_goes,
    every_cell_is_configured_and_deployed,
    cell_urls_lead_to_their_service,
    cells_keep_to_themselves,
    a_cells_configuration_says_its_number,
    the_cells_are_read_again,
    peers_are_the_routers_that_serve,
    admin_keys_are_mounted_where_they_are_read,
    keys_are_mounted_where_they_are_read,
)

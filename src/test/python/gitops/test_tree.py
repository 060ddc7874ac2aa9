"""What root makes of argocd/: complete, pinned, from one URL, behind a fence that it cannot move."""

import re
import shutil
import subprocess
import sys
from pathlib import Path

import pytest
import yaml
from tree import ARGOCD, ENVIRONMENTS, ROOT, bootstrap, build, environment, is_own

CHARTS = {"gateway-api", "traefik", "metrics-server", "sealed-secrets", "monitoring"}


@pytest.fixture
def copy(tmp_path: Path) -> Path:
    return Path(shutil.copytree(ARGOCD, tmp_path / "argocd"))


def replace(file: Path, old: str, new: str) -> None:
    text = file.read_text()
    assert old in text
    file.write_text(text.replace(old, new))


def test_every_file_is_listed_and_holds_one_application_named_like_it() -> None:
    for folder in ["own", "cells", "controllers"]:
        listed = yaml.safe_load((ARGOCD / "apps" / folder / "kustomization.yaml").read_text())["resources"]
        files = {file.name for file in (ARGOCD / "apps" / folder).glob("*.yaml")} - {"kustomization.yaml"}
        assert files == set(listed)
        for file in files:
            found = list(yaml.safe_load_all((ARGOCD / "apps" / folder / file).read_text()))
            assert [(it["kind"], it["metadata"]["name"]) for it in found] == [("Application", file.removesuffix(".yaml"))]


@pytest.mark.parametrize("name", ENVIRONMENTS)
def test_the_url_and_the_revision_stand_in_one_place(name: str, copy: Path) -> None:
    replace(copy / "settings/repository.yaml", "https://git.example.com/platform/cell-router.git", "http://git.test/x.git")
    replace(copy / "settings/repository.yaml", "revision: main", "revision: trunk")
    applications = [*environment(name, copy).values(), *bootstrap(name, copy)]
    own = [it for it in applications if it["kind"] == "Application" and is_own(it)]
    assert {it["spec"]["source"]["repoURL"] for it in own} == {"http://git.test/x.git"}
    assert {it["spec"]["source"]["targetRevision"] for it in own} == {"trunk"}
    fences = [it for it in applications if it["kind"] == "AppProject" and is_own(it)]
    assert {it["spec"]["sourceRepos"][0] for it in fences} == {"http://git.test/x.git"}
    assert "example.com" not in yaml.safe_dump_all(applications)


@pytest.mark.parametrize("name", ENVIRONMENTS)
def test_nothing_is_left_to_be_set(name: str) -> None:
    assert "set-by-settings" not in yaml.safe_dump_all([*environment(name).values(), *bootstrap(name)])


@pytest.mark.parametrize("name", ENVIRONMENTS)
def test_all_are_synced_by_themselves_and_pruned_and_healed(name: str) -> None:
    for item in environment(name).values():
        policy = item["spec"]["syncPolicy"]
        assert policy["automated"] == {"prune": True, "selfHeal": True}
        assert policy["retry"]["limit"] > 0
        assert policy["retry"]["refresh"]
        assert item["spec"]["destination"]["server"] == "https://kubernetes.default.svc"


@pytest.mark.parametrize("name", ENVIRONMENTS)
def test_root_tries_again_for_ever_with_the_latest_commit(name: str) -> None:
    [root] = [it for it in bootstrap(name) if it["kind"] == "Application"]
    assert root["metadata"]["name"] == "root"
    assert root["spec"]["source"]["path"] == f"argocd/environments/{name}"
    assert root["spec"]["syncPolicy"]["retry"]["limit"] == -1
    assert root["spec"]["syncPolicy"]["retry"]["refresh"]


@pytest.mark.parametrize("name", ENVIRONMENTS)
def test_root_makes_applications_only_so_that_it_cannot_widen_its_fence(name: str) -> None:
    assert {it["kind"] for it in environment(name).values()} == {"Application"}
    [fence] = [it for it in bootstrap(name) if it["metadata"]["name"] == "root" and it["kind"] == "AppProject"]
    assert fence["spec"]["namespaceResourceWhitelist"] == [{"group": "argoproj.io", "kind": "Application"}]
    assert fence["spec"]["clusterResourceWhitelist"] == []


@pytest.mark.parametrize("name", ENVIRONMENTS)
def test_no_fence_is_open(name: str) -> None:
    for item in bootstrap(name):
        if item["kind"] != "AppProject":
            continue
        spec = item["spec"]
        assert "*" not in spec["sourceRepos"]
        assert all(place["namespace"] != "*" and place["server"] != "*" for place in spec["destinations"])
        for entry in spec["clusterResourceWhitelist"] + spec.get("namespaceResourceWhitelist", []):
            assert "*" not in (entry["group"], entry["kind"])


@pytest.mark.parametrize("name", ["kind", "production"])
def test_the_default_project_is_closed_where_argo_cd_is_ours(name: str) -> None:
    [default] = [it for it in bootstrap(name) if it["metadata"]["name"] == "default"]
    assert default["spec"]["sourceRepos"] == default["spec"]["destinations"] == []


def test_an_existing_cluster_keeps_its_default_project_and_its_controllers() -> None:
    assert all(it["metadata"]["name"] != "default" for it in bootstrap("existing"))
    assert set(environment("existing")) == set(environment("kind")) - CHARTS
    assert all(is_own(it) for it in environment("existing").values())


@pytest.mark.parametrize("name", ["kind", "production"])
def test_what_others_deliver_is_pinned_to_one_version(name: str) -> None:
    foreign = {key: it["spec"]["source"] for key, it in environment(name).items() if not is_own(it)}
    assert set(foreign) == CHARTS
    for source in foreign.values():
        assert re.fullmatch(r"v?\d+\.\d+\.\d+", source["targetRevision"])


def test_argo_cd_itself_is_pinned_to_one_version() -> None:
    [_, release] = yaml.safe_load((ARGOCD / "install/base/kustomization.yaml").read_text())["resources"]
    assert re.fullmatch(r"https://raw\.githubusercontent\.com/argoproj/argo-cd/v\d+\.\d+\.\d+/manifests/install\.yaml", release)


def test_production_takes_its_own_overlays() -> None:
    for key, item in environment("production").items():
        path = item["spec"]["source"].get("path", "")
        assert not is_own(item) or key in ("alert-rules", "dashboards") or path.startswith("manifests/overlays/production/")


def test_what_is_removed_takes_its_objects_along_but_no_namespace_and_no_crd() -> None:
    cascade = {key for key, it in environment("kind").items() if it["metadata"].get("finalizers")}
    assert cascade == {"cell-1", "cell-2", "cell-3", "router", "alert-rules", "dashboards"}


@pytest.mark.parametrize("name", ENVIRONMENTS)
def test_an_old_configmap_stays_for_the_pods_that_mount_it(name: str, tmp_path: Path) -> None:
    """Built as Argo CD does it: the Application's patches are added to those of the folder."""
    manifests = Path(shutil.copytree(ROOT / "manifests", tmp_path / "manifests"))
    made = environment(name)
    for key in ["router", *(key for key in made if key.startswith("cell-"))]:
        source = made[key]["spec"]["source"]
        folder = manifests.parent / source["path"]
        before = {it["metadata"]["name"] for it in build(folder) if it["kind"] == "ConfigMap"}
        file = folder / "kustomization.yaml"
        settings = yaml.safe_load(file.read_text())
        settings.setdefault("patches", []).extend(source["kustomize"]["patches"])
        file.write_text(yaml.safe_dump(settings))
        after = [it for it in build(folder) if it["kind"] == "ConfigMap"]
        assert {it["metadata"]["name"] for it in after} == before != set()
        for it in after:
            assert it["metadata"]["annotations"]["argocd.argoproj.io/sync-options"] == "Prune=false"
            assert it["metadata"]["annotations"]["argocd.argoproj.io/compare-options"] == "IgnoreExtraneous"


def test_a_fourth_cell_is_one_file_and_one_line(copy: Path) -> None:
    cells = copy / "apps/cells"
    (cells / "cell-4.yaml").write_text((cells / "cell-1.yaml").read_text().replace("cell-1", "cell-4").replace("cells/1", "cells/4"))
    with (cells / "kustomization.yaml").open("a") as listed:
        listed.write("  - cell-4.yaml\n")
    for name in ENVIRONMENTS:
        overlay = "production" if name == "production" else "kind"
        made = environment(name, copy)["cell-4"]
        assert made["spec"]["source"]["path"] == f"manifests/overlays/{overlay}/cells/4"
        assert made["spec"]["destination"]["namespace"] == "cell-4"
        assert made["spec"]["source"]["kustomize"] == environment(name, copy)["cell-1"]["spec"]["source"]["kustomize"]


def test_only_kind_trusts_kubelets_without_certificates() -> None:
    insecure = {name for name in ["kind", "production"] if "--kubelet-insecure-tls" in yaml.safe_dump(environment(name)["metrics-server"])}
    assert insecure == {"kind"}


def test_the_gateway_gives_idle_connections_up_before_the_router_does() -> None:
    options = (ROOT / "jlink/edge.options").read_text()
    router = int(re.search(r"idleInterval=(\d+)", options)[1])
    for name in ["kind", "production"]:
        values = environment(name)["traefik"]["spec"]["source"]["helm"]["valuesObject"]
        [gateway] = re.findall(r"idleConnTimeout=(\d+)s", " ".join(values["additionalArguments"]))
        assert int(gateway) < router


@pytest.mark.parametrize("name", ["kind", "production"])
def test_the_gateway_ends_what_is_under_way_before_it_stops(name: str) -> None:
    values = environment(name)["traefik"]["spec"]["source"]["helm"]["valuesObject"]
    wait = values["deployment"]["lifecycle"]["preStop"]["sleep"]["seconds"]
    settings = dict(line.split("=", 1) for line in (ROOT / "manifests/base/router/router.env").read_text().splitlines() if "=" in line)
    deadline = int(settings["REQUEST_TIMEOUT"].removesuffix("s"))
    for entrance in ["web", "websecure"]:
        [grace] = re.findall(rf"--entryPoints\.{entrance}\.transport\.lifeCycle\.graceTimeOut=(\d+)s", "\n".join(values["additionalArguments"]))
        assert deadline < int(grace)
        assert wait + int(grace) < values["deployment"]["terminationGracePeriodSeconds"]


def test_production_spreads_the_gateway_over_hosts() -> None:
    values = environment("production")["traefik"]["spec"]["source"]["helm"]["valuesObject"]
    [spread] = values["topologySpreadConstraints"]
    assert spread["topologyKey"] == "kubernetes.io/hostname"
    assert spread["labelSelector"]["matchLabels"] == {"app.kubernetes.io/name": "traefik"}
    assert values["deployment"]["replicas"] > 1


def test_the_settings_of_argo_cd_are_the_same_for_both_ways_in() -> None:
    patches = yaml.safe_load((ARGOCD / "install/kustomization.yaml").read_text())["patches"]
    config = yaml.safe_load((ARGOCD / "install/config/kustomization.yaml").read_text())["resources"]
    assert {it["path"] for it in patches} == {f"config/{file}" for file in config} | {"argocd-rbac-cm.yaml"}
    assert {it["kind"] for it in build(ARGOCD / "install/config")} == {"ConfigMap"}


def test_an_argo_cd_that_is_there_keeps_its_rights() -> None:
    made = build(ARGOCD / "install/config")
    assert {(it["metadata"]["name"], *it["data"]) for it in made} == {("argocd-cm", "resource.customizations.health.argoproj.io_Application")}
    ours = yaml.safe_load((ARGOCD / "install/argocd-rbac-cm.yaml").read_text())["data"]
    assert set(ours) == {"policy.default", "policy.csv"}


def test_the_pictures_show_what_is_there() -> None:
    drawn = subprocess.run([sys.executable, ROOT / "scripts/draw-gitops.py", "--check"], check=False, capture_output=True, text=True)
    assert drawn.returncode == 0, drawn.stderr

"""Components that no overlay here uses build on one, and all that must hold holds with them too."""

import os
from pathlib import Path

import pytest
import yaml
from offline.checks import CHECKS
from offline.kustomize import ROOT, build, build_text, parse
from offline.objects import Object, name
from offline.platform import Platform, load
from offline.schemas import KUBERNETES
from test_schemas import faults

COMPONENTS = ROOT / "manifests" / "components"
CHOICES = {"ingress", "scaling-inflight", "authentication"}


def with_component(component: str, folder: Path) -> Path:
    """The router of the laptop, and a component over it."""
    router, chosen = (
        os.path.relpath(p, folder) for p in (ROOT / "manifests/overlays/kind/router", COMPONENTS / component)
    )
    (folder / "kustomization.yaml").write_text(
        f"namespace: cell-router\nresources: [{router}]\ncomponents: [{chosen}]\n"
    )
    return folder


def platform(component: str, folder: Path) -> Platform:
    found = load("kind")
    found.parts["router"] = build(with_component(component, folder))
    return found


def one(objects: list[Object], kind: str) -> Object:
    [found] = [o for o in objects if o["kind"] == kind]
    return found


@pytest.mark.parametrize("component", sorted(CHOICES))
def test_holds_with_the_component(component: str, tmp_path: Path) -> None:
    found = platform(component, tmp_path)
    assert {check: problems for check, made in CHECKS.items() if (problems := list(made(found)))} == {}
    assert faults(build_text(tmp_path), KUBERNETES[0]) == []


def test_ingress_takes_the_place_of_the_route(tmp_path: Path) -> None:
    objects = build(with_component("ingress", tmp_path))
    assert one(objects, "Ingress")
    assert [o for o in objects if o["kind"] == "HTTPRoute"] == []


def test_scaling_looks_at_requests_in_flight_beside_the_cpu(tmp_path: Path) -> None:
    metrics = one(build(with_component("scaling-inflight", tmp_path)), "HorizontalPodAutoscaler")["spec"]["metrics"]
    assert [m["type"] for m in metrics] == ["Resource", "Pods"]
    assert metrics[1]["pods"]["metric"]["name"] in (ROOT / "README.md").read_text()


def test_the_adapter_is_told_of_the_metric_that_is_scaled_on(tmp_path: Path) -> None:
    [_, scaled] = one(build(with_component("scaling-inflight", tmp_path)), "HorizontalPodAutoscaler")["spec"]["metrics"]
    [rule] = yaml.safe_load((COMPONENTS / "scaling-inflight/prometheus-adapter.yaml").read_text())["rules"]
    assert rule["name"]["as"] == scaled["pods"]["metric"]["name"]
    assert f"| `{rule['seriesQuery'].partition('{')[0]}` |" in (ROOT / "README.md").read_text()
    assert {it["resource"] for it in rule["resources"]["overrides"].values()} == {"namespace", "pod"}
    assert rule["metricsQuery"].startswith("sum by (<<.GroupBy>>)")


def test_keys_are_asked_for_and_their_secret_must_be_there(tmp_path: Path) -> None:
    objects = build(with_component("authentication", tmp_path))
    [settings] = [o for o in objects if name(o).startswith("cell-router-env")]
    assert settings["data"]["API_KEY_ENABLED"] == "true"
    volumes = one(objects, "Deployment")["spec"]["template"]["spec"]["volumes"]
    needed = {v["name"]: not v["secret"].get("optional", False) for v in volumes if "secret" in v}
    assert needed == {"keys": True, "admin-keys": False}


def test_a_sealed_secret_is_the_one_that_the_router_mounts(tmp_path: Path) -> None:
    """What task secrets writes: the router finds it, its project allows it, and the schema knows it."""
    sealed = {
        "apiVersion": "bitnami.com/v1alpha1",
        "kind": "SealedSecret",
        "metadata": {
            "name": "cell-router-api-keys",
            "namespace": "cell-router",
            "labels": {"app.kubernetes.io/part-of": "cell-router"},
        },
        "spec": {"encryptedData": {"api-keys.json": "AgBy"}},
    }
    found = platform("authentication", tmp_path)
    found.parts["router"].append(sealed)
    assert {check: problems for check, made in CHECKS.items() if (problems := list(made(found)))} == {}


def test_every_component_is_used_or_tried_here() -> None:
    every = {str(f.parent.relative_to(COMPONENTS)) for f in COMPONENTS.rglob("kustomization.yaml")}
    used = {
        os.path.relpath((file.parent / component).resolve(), COMPONENTS)
        for file in (ROOT / "manifests/overlays").rglob("kustomization.yaml")
        for component in parse(file.read_text())[0].get("components", [])
    }
    assert every - used - CHOICES == set()

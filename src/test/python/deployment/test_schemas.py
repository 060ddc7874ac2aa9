"""Every object that Git holds is one that the API server would take: kubeconform, strict, CRDs included."""

import json
import subprocess
from pathlib import Path

import pytest
from offline.kustomize import ROOT, Broken, build, build_text, kustomizations, tool
from offline.platform import ENVIRONMENTS, load
from offline.schemas import KUBERNETES, folder

# Builds only together with something that these tests do not have.
NEEDS_THE_NETWORK = {"argocd/install", "argocd/install/base"}
FOLDERS = [str(f.relative_to(ROOT)) for f in kustomizations()]


def faults(text: str, kubernetes: str) -> list[str]:
    """What kubeconform says of each object that is not valid; no object may be passed over."""
    location = f"{folder(kubernetes)}/{{{{.ResourceKind}}}}{{{{.KindSuffix}}}}.json"
    command = [tool("kubeconform"), "-strict", "-verbose", "-output", "json", "-schema-location", location, "-"]
    done = subprocess.run(command, input=text, capture_output=True, text=True, check=False)
    assert done.stdout, done.stderr
    checked = json.loads(done.stdout)["resources"]
    return [f"{r['kind']} {r['name']}: {r['status']}: {r['msg']}" for r in checked if r["status"] != "statusValid"]


@pytest.mark.parametrize("path", [f for f in FOLDERS if f not in NEEDS_THE_NETWORK])
def test_every_kustomization_builds(path: str) -> None:
    assert build(ROOT / path)


@pytest.mark.parametrize("kubernetes", KUBERNETES)
@pytest.mark.parametrize("path", [f for f in FOLDERS if f not in NEEDS_THE_NETWORK])
def test_its_objects_match_their_schemas(path: str, kubernetes: str) -> None:
    assert faults(build_text(ROOT / path), kubernetes) == []


def test_what_needs_the_network_says_so() -> None:
    for path in NEEDS_THE_NETWORK:
        text = "".join(
            f.read_text()
            for f in [ROOT / path / "kustomization.yaml", ROOT / path / "base/kustomization.yaml"]
            if f.is_file()
        )
        assert "https://" in text


@pytest.mark.parametrize("environment", ENVIRONMENTS)
def test_every_environment_has_a_part_of_each_application(environment: str) -> None:
    assert all(load(environment).parts.values())


@pytest.mark.parametrize(
    ("old", "new"),
    [
        ("minReadySeconds: 5", "minReadySecond: 5"),
        ("minReadySeconds: 5", "minReadySeconds: five"),
        ("scrapeTimeout: 10s", "scrapeTimeOut: 10s"),
        ("sectionName: http", "sectionNames: http"),
        ("maxReplicas: 6", "maxReplicas: 6\n  maxReplicas: 7"),
        ("kind: NetworkPolicy", "kind: NetworkRule"),
    ],
)
def test_a_wrong_member_is_found(old: str, new: str) -> None:
    text = build_text(ROOT / "manifests/overlays/kind/router")
    assert old in text
    assert faults(text, KUBERNETES[0]) == []
    assert faults(text.replace(old, new, 1), KUBERNETES[0])


def test_a_resource_that_is_not_there_breaks_the_build(tmp_path: Path) -> None:
    (tmp_path / "kustomization.yaml").write_text("resources: [gone.yaml]\n")
    with pytest.raises(Broken, match=r"gone\.yaml"):
        build(tmp_path)

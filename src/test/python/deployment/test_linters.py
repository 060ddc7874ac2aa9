"""kube-score and checkov find nothing that is not argued away, object by object, in their exceptions files."""

import copy
import functools
import json
import subprocess
from pathlib import Path

import pytest
import yaml
from offline.exceptions import Exceptions, Finding
from offline.kustomize import ROOT, tool
from offline.objects import Object
from offline.platform import ENVIRONMENTS, load

HERE = Path(__file__).resolve().parent
LINTERS = ("kube-score", "checkov")


def kube_score(environment: str, objects: list[Object]) -> list[Finding]:
    command = [tool("kube-score"), "score", "--output-format", "json", "-"]
    done = subprocess.run(command, input=yaml.safe_dump_all(objects), capture_output=True, text=True, check=False)
    assert done.stdout, done.stderr
    found = []
    for scored in json.loads(done.stdout):
        where = f"{scored['type_meta']['kind']} {scored['object_meta'].get('namespace', '')}/{scored['object_meta']['name']}"
        for check in scored["checks"]:
            if not check["skipped"] and check["grade"] < 7:
                said = "; ".join(c["summary"] for c in check["comments"] or [])
                found.append(Finding(environment, where, check["check"]["id"], said))
    return found


def checkov(environment: str, objects: list[Object]) -> list[Finding]:
    folder = ROOT / "target" / "checkov" / environment
    folder.mkdir(parents=True, exist_ok=True)
    (folder / "objects.yaml").write_text(yaml.safe_dump_all(objects))
    options = ["--framework", "kubernetes", "--compact", "--skip-download", "--output", "json"]
    done = subprocess.run(
        [checkov_program(), "-f", folder / "objects.yaml", *options], capture_output=True, text=True, check=False
    )
    assert done.stdout, done.stderr
    report = json.loads(done.stdout)
    assert report["summary"]["parsing_errors"] == 0
    assert report["summary"]["resource_count"] >= len(objects)
    return [
        Finding(
            environment, "{} {}/{}".format(*failed["resource"].split(".", 2)), failed["check_id"], failed["check_name"]
        )
        for failed in report["results"]["failed_checks"]
    ]


def checkov_program() -> Path:
    """In an environment of its own: it pins a hundred packages."""
    version = (HERE / "requirements-checkov.txt").read_text().strip().replace("==", "-")
    program = ROOT / ".tools" / version / "bin" / "checkov"
    assert program.is_file(), f"{program} is missing: ./build.sh test installs it"
    return program


@functools.cache
def findings(linter: str) -> list[Finding]:
    lint = {"kube-score": kube_score, "checkov": checkov}[linter]
    return [finding for environment in ENVIRONMENTS for finding in lint(environment, load(environment).objects)]


@pytest.mark.parametrize("linter", LINTERS)
def test_nothing_is_found_that_is_not_argued_away(linter: str) -> None:
    assert Exceptions.of(linter).left(findings(linter)) == []


@pytest.mark.parametrize("linter", LINTERS)
def test_every_exception_is_needed(linter: str) -> None:
    assert Exceptions.of(linter).unused(findings(linter)) == []


@pytest.mark.parametrize("linter", LINTERS)
def test_every_exception_has_a_reason(linter: str) -> None:
    assert Exceptions.of(linter).unargued() == []


@pytest.mark.parametrize("lint", [kube_score, checkov])
def test_a_worse_pod_is_found(lint) -> None:
    objects = copy.deepcopy(load("kind").objects)
    for o in objects:
        if o["kind"] == "Deployment":
            del o["spec"]["template"]["spec"]["containers"][0]["resources"]
            o["spec"]["template"]["spec"]["containers"][0]["image"] = "nginx:latest"
    known = {(f.object, f.check) for f in findings(lint.__name__.replace("_", "-"))}
    assert len({(f.object, f.check) for f in lint("kind-spoilt", objects)} - known) >= 6


def test_an_exception_covers_what_it_names_only() -> None:
    found = [
        Finding("kind", "Deployment a/b", "x", ""),
        Finding("production", "Deployment a/b", "x", ""),
        Finding("kind", "Deployment a/b", "y", ""),
    ]
    some = Exceptions(
        [
            {"check": "x", "objects": "Deployment a/*", "environments": ["kind"], "reason": "short"},
            {"check": "z", "objects": "*"},
        ]
    )
    assert some.left(found) == sorted(found[1:])
    assert some.unused(found) == ["z"]
    assert some.unargued() == ["x", "z"]

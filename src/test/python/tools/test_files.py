"""What linters say about the scripts, the workflows and the YAML, and what they do not know to say."""

import re
import subprocess
import sys
from pathlib import Path

import pytest
import yaml

from workspace import ROOT

WORKFLOWS = sorted((ROOT / ".github" / "workflows").glob("*.yml"))
ACTION = re.compile(r"^(\s*-?\s*)uses: (?P<name>[^\s@#]+)(@(?P<ref>\S+))?(?P<comment>\s+# .*)?$", re.M)


def in_git(*patterns: str) -> list[str]:
    listed = subprocess.run(["git", "ls-files", *patterns], cwd=ROOT, capture_output=True, text=True, check=True).stdout.splitlines()
    return [file for file in listed if (ROOT / file).is_file()]


def run(*command: str) -> str:
    done = subprocess.run(command, cwd=ROOT, capture_output=True, text=True)
    return done.stdout + done.stderr if done.returncode else ""


def test_yamllint() -> None:
    assert run(sys.executable, "-m", "yamllint", "--strict", "-f", "parsable", *in_git("*.yaml", "*.yml")) == ""


def test_actionlint() -> None:
    assert run(str(ROOT / ".tools/bin/actionlint"), "-color=false") == ""


def test_scripts_run_with_the_bash_of_macos() -> None:
    """3.2: no associative arrays, mapfile, ${x,,}, |&, nor sed's GNU extensions."""
    newer = re.compile(r"declare -A|local -A|mapfile|readarray|\$\{\w+(,,|\^\^|@)|\|&|\bsed (-\S+ )*'[^']*\\b|\bsed -i ['\"]|readlink -f|\bgrep -P |(?<![-\w])timeout \d")
    for script in in_git("scripts/*.sh"):
        code = re.sub(r"(^|\s)#.*", "", (ROOT / script).read_text())
        assert not newer.search(code), (script, newer.search(code))


@pytest.mark.parametrize("script", in_git("scripts/*.sh"))
def test_a_script_ends_at_the_first_error(script: str) -> None:
    text = (ROOT / script).read_text()
    if text.startswith("# shellcheck shell=bash"):
        return  # sourced by those that do
    # troubleshoot goes on: what it looks for is what does not work.
    assert re.search(r"^set -uo pipefail$" if script.endswith("troubleshoot.sh") else r"^set -euo pipefail$", text, re.M)


def test_there_is_a_workflow_for_each_part() -> None:
    assert [file.stem for file in WORKFLOWS] == ["bump", "e2e", "image", "release", "scan", "test"]


@pytest.mark.parametrize("file", WORKFLOWS, ids=lambda file: file.stem)
def test_every_action_is_pinned_by_its_commit_and_says_its_version(file: Path) -> None:
    uses = [found for found in ACTION.finditer(file.read_text())]
    assert len(uses) == file.read_text().count("uses: ")
    for found in uses:
        if found["name"].startswith("./"):
            continue
        assert re.fullmatch(r"[0-9a-f]{40}", found["ref"] or ""), found[0]
        assert re.fullmatch(r" # v\d+\.\d+\.\d+", found["comment"] or ""), found[0]


def test_an_action_has_one_commit_and_one_version_everywhere() -> None:
    pins: dict[str, set[str]] = {}
    for file in WORKFLOWS:
        for found in ACTION.finditer(file.read_text()):
            pins.setdefault(found["name"], set()).add(f"{found['ref']}{found['comment']}")
    assert all(len(pin) == 1 for pin in pins.values()), pins


@pytest.mark.parametrize("file", WORKFLOWS, ids=lambda file: file.stem)
def test_a_workflow_may_read_unless_a_job_says_more(file: Path) -> None:
    workflow = yaml.safe_load(file.read_text())
    assert workflow["permissions"] == {"contents": "read"}
    assert "pull_request_target" not in file.read_text()
    allowed = {"scan": {"security-events"}, "bump": {"contents", "pull-requests"},
               "release": {"contents", "packages", "id-token", "attestations", "pull-requests"}}.get(file.stem, set())
    for job in workflow["jobs"].values():
        assert {name for name, value in job.get("permissions", {}).items() if value == "write"} <= allowed
        assert "timeout-minutes" in job or "uses" in job


@pytest.mark.parametrize("file", WORKFLOWS, ids=lambda file: file.stem)
def test_nothing_from_outside_becomes_shell_text(file: Path) -> None:
    """An input, a branch's or a pull request's name inside `run` could be a command: it goes through the environment."""
    for job in yaml.safe_load(file.read_text())["jobs"].values():
        for step in job.get("steps", []):
            assert "${{" not in step.get("run", ""), step
            if step.get("uses", "").startswith("actions/checkout"):
                assert step["with"]["persist-credentials"] is False


def test_a_release_is_scanned_before_it_is_pushed_and_signed_by_its_digest() -> None:
    steps = yaml.safe_load((ROOT / ".github/workflows/release.yml").read_text())["jobs"]["image"]["steps"]
    order = [next((word for word in ("scan-action", "docker push", "cosign sign", "attest-build-provenance", "attest-sbom", "gh release create")
                   if word in str(step)), "") for step in steps]
    assert [word for word in order if word] == ["scan-action", "docker push", "cosign sign", "attest-build-provenance", "attest-sbom", "gh release create"]
    assert "--require-digests" in str(steps) and "sha256:[0-9a-f]{64}" in str(steps)


# --- kind-config.yaml ------------------------------------------------------------------------

KIND = yaml.safe_load((ROOT / "kind-config.yaml").read_text())


def test_one_control_plane_and_three_workers_in_three_zones() -> None:
    assert [node["role"] for node in KIND["nodes"]] == ["control-plane", "worker", "worker", "worker"]
    zones = [node["labels"]["topology.kubernetes.io/zone"] for node in KIND["nodes"][1:]]
    assert len(set(zones)) == 3


def test_all_nodes_are_of_one_image_by_digest() -> None:
    images = {node["image"] for node in KIND["nodes"]}
    assert len(images) == 1 and re.fullmatch(r"kindest/node:v1\.\d+\.\d+@sha256:[0-9a-f]{64}", images.pop())


def test_kubectl_is_of_the_clusters_minor_version() -> None:
    node = re.search(r"node:v1\.(\d+)\.", KIND["nodes"][0]["image"])
    kubectl = re.search(r"KUBECTL_VERSION=1\.(\d+)\.", (ROOT / "versions.env").read_text())
    assert node and kubectl and node[1] == kubectl[1]


def test_kubeadm_gets_lists_of_arguments() -> None:
    """v1beta4 ignores what is written as a map (a defect of the forerunner)."""
    patches = [yaml.safe_load(patch) for node in KIND["nodes"] for patch in node.get("kubeadmConfigPatches", [])]
    assert patches and all(patch["apiVersion"] == "kubeadm.k8s.io/v1beta4" for patch in patches)
    for patch in patches:
        for argument in patch["apiServer"]["extraArgs"]:
            assert set(argument) == {"name", "value"} and isinstance(argument["value"], str)


def test_the_audit_policy_reaches_the_api_server() -> None:
    node = KIND["nodes"][0]
    server = yaml.safe_load(node["kubeadmConfigPatches"][0])["apiServer"]
    arguments = {argument["name"]: argument["value"] for argument in server["extraArgs"]}
    mount = next(mount for mount in node["extraMounts"] if mount["containerPath"] == arguments["audit-policy-file"])
    assert yaml.safe_load((ROOT / mount["hostPath"]).read_text())["kind"] == "Policy"
    volumes = [volume["mountPath"] for volume in server["extraVolumes"]]
    assert all(any(arguments[name].startswith(path + "/") for path in volumes) for name in ("audit-policy-file", "audit-log-path"))


def test_port_8080_leads_to_the_gateways_node_port() -> None:
    mapping = KIND["nodes"][0]["extraPortMappings"]
    assert [(m["hostPort"], m["listenAddress"]) for m in mapping] == [(8080, "127.0.0.1")]
    traefik = subprocess.run([ROOT / ".tools/bin/kustomize", "build", ROOT / "argocd/environments/kind"], capture_output=True, text=True, check=True)
    values = next(item["spec"]["source"]["helm"]["valuesObject"] for item in yaml.safe_load_all(traefik.stdout) if item["metadata"]["name"] == "traefik")
    assert values["service"]["spec"]["type"] == "NodePort" and values["ports"]["web"]["nodePort"] == mapping[0]["containerPort"]

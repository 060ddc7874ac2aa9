"""What the suite does before it touches a cluster, tried without one."""

import subprocess
import sys
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

import pytest

ROOT = Path(__file__).resolve().parents[4]
sys.path.insert(0, str(ROOT / "e2e"))

from lib import ownership, platform  # noqa: E402
from lib.command import Failed  # noqa: E402
from lib.repository import Repository  # noqa: E402
from lib.settings import Settings, from_environment  # noqa: E402

OWN = "http://git.cell-git/cell-router-e2e.git"
OTHER = "https://git.test/platform/cell-router.git"
READY = Settings(None, "", (), ("true",), "", keep=False, attach=False, confirmed=False)


def application(name: str, url: str) -> dict[str, Any]:
    return {"metadata": {"name": name}, "spec": {"source": {"repoURL": url}}}


def namespace(name: str, leaving: bool = False) -> dict[str, Any]:
    return {"metadata": {"name": name, **({"annotations": {ownership.LEAVING: "true"}} if leaving else {})}}


@dataclass
class Cluster:
    """A kubectl that knows some objects, and remembers what was changed."""

    applications: list[dict[str, Any]] = field(default_factory=list)
    namespaces: list[dict[str, Any]] = field(default_factory=list)
    changes: list[tuple[object, ...]] = field(default_factory=list)
    ends_at: str = ""

    def __call__(self, *words: object, **_: object) -> str:
        self.changes.append(words)
        if words[:2] == ("annotate", "namespaces"):
            for each in self.namespaces:
                if each["metadata"]["name"] in words:
                    each["metadata"]["annotations"] = {ownership.LEAVING: "true"}
        return ""

    def delete(self, kind: str, name: str, *_: object, **__: object) -> None:
        self.changes.append(("delete", kind, name))
        self.applications = [each for each in self.applications if each["metadata"]["name"] != name]
        if name == self.ends_at:
            raise KeyboardInterrupt

    def find(self, kind: str, name: str, *_: object) -> dict[str, Any] | None:
        return {"crd": name} if kind == "crd" else next((each for each in self.applications if each["metadata"]["name"] == name), None)

    def list(self, kind: str, *_: object, **__: object) -> list[dict[str, Any]]:
        return {"applications.argoproj.io": self.applications, "namespaces": self.namespaces}.get(kind, [])


def start(cluster: Cluster, **settings: Any) -> None:
    platform.start_from_scratch(Settings(**{**vars(READY), **settings}), cluster)  # type: ignore[arg-type]


@pytest.mark.parametrize("cluster", [
    Cluster(),
    Cluster(namespaces=[namespace("traefik"), namespace("monitoring"), namespace("argocd"), namespace("cell-router-e2e")]),
    Cluster([application("root", OWN), application("traefik", "https://charts.test")], [namespace("cell-router"), namespace("cell-4")]),
    Cluster([application("router", OWN)], [namespace("cell-router", leaving=True)]),
], ids=["empty", "the cluster's own", "an earlier run", "a run ended while it cleaned up"])
def test_begins_by_itself(cluster: Cluster) -> None:
    start(cluster)
    assert cluster.changes


@pytest.mark.parametrize(("cluster", "seen"), [
    (Cluster([application("root", OTHER)], [namespace("cell-router", leaving=True)]), OTHER),
    (Cluster([application("root", OWN + ".example.com/cell-router")]), "root"),
    (Cluster([application("router", OTHER)]), "Application router"),
    (Cluster(namespaces=[namespace("cell-1", leaving=True), namespace("cell-router")]), "namespace cell-router"),
], ids=["another repository", "a similar one", "no root", "deployed without Argo CD"])
def test_leaves_what_it_did_not_make(cluster: Cluster, seen: str) -> None:
    with pytest.raises(Failed, match="CONFIRM=yes") as refused:
        start(cluster)
    assert seen in str(refused.value) and not cluster.changes
    start(cluster, confirmed=True)
    assert cluster.changes


def test_a_run_that_is_ended_while_it_cleans_up_is_known_to_the_next() -> None:
    cluster = Cluster([application("root", OWN), application("router", OWN)], [namespace("cell-router"), namespace("cell-4")], ends_at="root")
    with pytest.raises(KeyboardInterrupt):
        start(cluster)
    assert [each["metadata"]["name"] for each in cluster.applications] == ["router"]
    start(cluster)


@pytest.mark.parametrize("settings", [{"git_serve": ()}, {"git_serve": ("/not/there",)}, {"image_loader": ("/not/there", "x")}])
def test_settings_that_cannot_work_are_told_before(settings: dict[str, Any]) -> None:
    cluster = Cluster([application("root", OWN)])
    with pytest.raises(Failed, match="GIT_SERVE|IMAGE_LOADER"):
        start(cluster, confirmed=True, **settings)
    assert not cluster.changes


def test_relative_programs_lie_in_the_repository(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    monkeypatch.chdir(tmp_path)
    monkeypatch.setenv("GIT_SERVE", "e2e/serve-git --x e2e/y")
    monkeypatch.setenv("IMAGE_LOADER", "kind load docker-image")
    settings = from_environment()
    assert settings.git_serve == (str(ROOT / "e2e" / "serve-git"), "--x", "e2e/y")
    assert settings.image_loader == ("kind", "load", "docker-image")
    monkeypatch.setenv("IMAGE_LOADER", "/opt/load")
    assert from_environment().image_loader == ("/opt/load",)


@pytest.mark.parametrize("named", ["", "sealed-secrets", "sealed-secrets/kind"])
def test_keys_of_another_cluster_are_left_out(tmp_path: Path, named: str) -> None:
    path = "manifests/overlays/kind/router/kustomization.yaml"
    committed = (ROOT / path).read_text()
    without = "".join(line for line in committed.splitlines(keepends=True) if "/authentication" not in line and "/sealed-secrets" not in line)
    asked = without.replace("components:\n", "components:\n  - ../../../components/authentication\n"
                            + (f"  - ../../../components/{named}\n" if named else ""), 1)
    assert asked != without
    file = tmp_path / path
    file.parent.mkdir(parents=True)
    file.write_text(asked)
    platform.leave_out_keys(Repository(tmp_path, "any"))
    assert file.read_text() == without


# --- e2e/run ----------------------------------------------------------------------------------

SHOWN = ("KUBECONFIG", "CLUSTER_TOOLS", "GIT_SERVE", "IMAGE_LOADER")


@pytest.fixture
def run_from(tmp_path: Path) -> Any:
    """e2e/run in a project of its own, with a kubectl that knows one context, and a Python that tells what it was given."""
    for folder in (".ci", "src/test/python", ".tools/bin", "e2e", "target/e2e/venv/bin", "scripts", "elsewhere"):
        (tmp_path / folder).mkdir(parents=True)
    program(tmp_path / "e2e" / "run", (ROOT / "e2e" / "run").read_text())
    program(tmp_path / "scripts" / "install-dependencies.sh", "#!/bin/sh\n[ \"$*\" = --for-tests ]\n")
    program(tmp_path / "target/e2e/venv/bin/python", "#!/bin/sh\n" + "".join(f'echo "{name}=${name}"\n' for name in SHOWN))

    def run(context: str, **environment: str) -> dict[str, str]:
        program(tmp_path / ".tools/bin/kubectl", f'#!/bin/sh\ncase "$1 $2" in "config current-context") echo {context} ;; esac\n')
        done = subprocess.run([tmp_path / "e2e" / "run"], cwd=tmp_path / "elsewhere", env={"PATH": "/usr/bin:/bin", **environment},
                              capture_output=True, text=True, timeout=60)
        assert done.returncode == 0, done.stderr
        return dict(line.split("=", 1) for line in done.stdout.splitlines())

    return run


def program(path: Path, text: str) -> None:
    path.write_text(text)
    path.chmod(0o755)


def test_paths_are_those_of_the_caller(run_from: Any, tmp_path: Path) -> None:
    here = tmp_path / "elsewhere"
    seen = run_from("cell", KUBECONFIG="a:/b:c d", CLUSTER_TOOLS="../tools")
    assert seen["KUBECONFIG"] == f"{here}/a:/b:{here}/c d" and seen["CLUSTER_TOOLS"] == f"{here}/../tools"
    assert seen["GIT_SERVE"] == seen["IMAGE_LOADER"] == ""
    assert run_from("cell")["KUBECONFIG"] == ""


def test_kind_needs_no_settings(run_from: Any) -> None:
    seen = run_from("kind-mine")
    assert seen["GIT_SERVE"] == "e2e/serve-git" and seen["IMAGE_LOADER"] == "kind load docker-image --name mine"
    assert run_from("kind-mine", GIT_SERVE="/own")["GIT_SERVE"] == "/own"


# --- what the suite reads through --------------------------------------------------------------


def test_a_port_forward_that_talks_much_goes_on(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    """A line for each connection: more than a pipe holds."""
    from lib.forward import forward
    from lib.waiting import wait_until
    done = tmp_path / "done"
    program(tmp_path / "kubectl", f"""#!/usr/bin/env python3
print("Forwarding from 127.0.0.1:4711 -> 80", flush=True)
for _ in range(5000):
    print("Handling connection for 4711", flush=True)
open({str(done)!r}, "w").close()
import time
time.sleep(60)
""")
    monkeypatch.setenv("PATH", f"{tmp_path}:/usr/bin:/bin")
    with forward("any", "service/any", 80) as port:
        assert port == 4711
        assert wait_until("all of it to be read", done.exists, 20, every=0.1)


def test_a_prometheus_that_is_not_there_is_a_failure_to_wait_for() -> None:
    import socket

    from lib.prometheus import Prometheus
    with socket.socket() as free:
        free.bind(("127.0.0.1", 0))
        port = free.getsockname()[1]
    with pytest.raises(Failed, match="refused"):
        Prometheus.at(port).query("up")

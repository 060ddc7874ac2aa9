"""Tasks that change the manifests: exactly what they promise, nothing else, and nothing at all when they refuse."""

import base64
import hashlib
import json
import re
import subprocess
import threading
from collections.abc import Callable, Iterator
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path

import pytest
import yaml

from workspace import ROOT, Ran, Workspace

KEYS = "get secret cell-router-"
CELL_FOLDERS = ("manifests/platform/namespaces/cells", "manifests/overlays/kind/cells", "manifests/overlays/production/cells")


def objects(work: Workspace, path: str) -> list[dict]:
    return [item for item in yaml.safe_load_all(work.build(path)) if item]


def cells(work: Workspace, overlay: str = "kind") -> dict:
    return yaml.safe_load(work.read(f"manifests/overlays/{overlay}/router/cells.yaml"))["cells"]


# --- new-cell --------------------------------------------------------------------------------


@pytest.mark.parametrize("cell", ["4", "eu-west-1", "a"])
def test_a_new_cell_is_everywhere(cell: str, work: Workspace) -> None:
    before = {overlay: cells(work, overlay) for overlay in ("kind", "production")}
    ran = work.task("new-cell", f"ID={cell}")
    assert ran.status == 0, ran.text
    for overlay in ("kind", "production"):
        router = cells(work, overlay)
        assert router.pop(cell) == {"name": f"nginx-{cell}", "url": f"http://nginx-{cell}.cell-{cell}.svc.cluster.local:8080"}
        assert router == before[overlay], "the others stay as they are"
        mine = objects(work, f"manifests/overlays/{overlay}/cells/{cell}")
        deployments = [item for item in mine if item["kind"] == "Deployment"]
        assert [item["metadata"]["name"] for item in deployments] == [f"nginx-{cell}"]
        assert {item["metadata"]["namespace"] for item in mine} == {f"cell-{cell}"}
        assert not re.search(r"\b(nginx|cell)-1\b", work.build(f"manifests/overlays/{overlay}/cells/{cell}").replace("nginx-1-", ""))
        applications = {item["metadata"]["name"]: item for item in objects(work, f"argocd/environments/{overlay}")
                        if item["kind"] == "Application"}
        assert applications[f"cell-{cell}"]["spec"]["source"]["path"] == f"manifests/overlays/{overlay}/cells/{cell}"
        assert applications[f"cell-{cell}"]["spec"]["destination"]["namespace"] == f"cell-{cell}"
        assert applications[f"cell-{cell}"]["metadata"]["annotations"] == applications["cell-1"]["metadata"]["annotations"]
    namespaces = {item["metadata"]["name"] for item in objects(work, "manifests/platform/namespaces") if item["kind"] == "Namespace"}
    assert f"cell-{cell}" in namespaces
    # What it said is what it did.
    assert {path.split(f"/{cell}/")[0] + (f"/{cell}" if f"/{cell}/" in path else "") for path in work.changed()} == set(
        line.strip() for line in ran.out.splitlines() if line.startswith("  "))


def test_a_new_cell_is_no_draining_one(work: Workspace) -> None:
    work.task("drain-cell", "ID=1", "STATE=draining", "SHARE=10")
    work.task("new-cell", "ID=4")
    assert not {"state", "share"} & set(cells(work)["4"]) and cells(work)["1"]["state"] == "draining"


def test_a_new_cell_has_the_limits_and_as_many_addresses_as_the_first(work: Workspace) -> None:
    file = work.folder / "manifests/overlays/kind/router/cells.yaml"
    one = "http://nginx-1.cell-1.svc.cluster.local:8080"
    file.write_text(file.read_text().replace(f"    url: {one}\n", f"    urls: [{one}, {one}1]\n    max_in_flight: 64\n"))
    assert work.task("new-cell", "ID=4").status == 0
    four = "http://nginx-4.cell-4.svc.cluster.local:8080"
    assert cells(work)["4"] == {"name": "nginx-4", "urls": [four, f"{four}1"], "max_in_flight": 64}


@pytest.mark.parametrize("cell", ["1", "router", "", "A", "a_b", "-a", "a-", "elevenchars", "../x", "a b", "4\n", "$(id)"])
def test_refuses_an_id_that_is_taken_or_impossible(cell: str, work: Workspace) -> None:
    ran = work.run("scripts/new-cell.sh", cell)
    assert (ran.status == 0) == (cell == ""), ran.text
    assert work.changed() == set()


@pytest.mark.parametrize("left", [*(f"{folder}/4/kustomization.yaml" for folder in CELL_FOLDERS), "argocd/apps/cells/cell-4.yaml"])
def test_refuses_when_a_part_of_it_is_there(left: str, work: Workspace) -> None:
    (work.folder / left).parent.mkdir(exist_ok=True)
    (work.folder / left).write_text("x")
    work.commit()
    ran = work.task("new-cell", "ID=4")
    assert ran.status != 0 and "Nothing was changed" in ran.text and work.changed() == set()


# --- drain-cell ------------------------------------------------------------------------------


def test_draining_changes_one_cell_and_restarts_no_router(work: Workspace) -> None:
    def others() -> list[dict]:
        """All objects but the ConfigMap with the cells, whose name stays."""
        return [item for item in objects(work, "manifests/overlays/kind/router") if item["metadata"]["name"] != "cell-router-cells"]

    before, rest = cells(work), others()
    assert len(rest) + 1 == len(objects(work, "manifests/overlays/kind/router"))
    ran = work.task("drain-cell", "ID=2")
    assert "task drain-cell ID=2 STATE=active" in ran.out
    assert cells(work) == before | {"2": before["2"] | {"state": "draining"}}
    assert others() == rest
    assert work.changed() == {"manifests/overlays/kind/router/cells.yaml"}

    assert "already" in work.task("drain-cell", "ID=2").out
    work.task("drain-cell", "ID=2", "STATE=active")
    assert (cells(work), work.changed()) == (before, set())


def test_a_share_comes_and_goes_in_steps_and_a_state_stays_what_it_was(work: Workspace) -> None:
    before = cells(work)["2"]
    for share in ("99", "50", "1", "0"):
        ran = work.task("drain-cell", "ID=2", f"SHARE={share}")
        assert ran.status == 0 and cells(work)["2"] == before | {"share": int(share)}, ran.text
    assert "active, 1 % -> active, 0 %" in ran.out and "STATE=active" in ran.out
    work.task("drain-cell", "ID=2", "STATE=read_only")
    work.task("drain-cell", "ID=2", "SHARE=25")
    assert cells(work)["2"] == before | {"share": 25, "state": "read_only"}
    work.task("drain-cell", "ID=2", "SHARE=100")
    assert cells(work)["2"] == before | {"state": "read_only"}
    work.task("drain-cell", "ID=2", "STATE=active", "SHARE=10")
    assert cells(work)["2"] == before | {"share": 10}
    # Back: nothing of it is left, whatever was done.
    work.task("drain-cell", "ID=2", "STATE=draining")
    assert work.task("drain-cell", "ID=2", "STATE=active").status == 0
    assert (cells(work)["2"], work.changed()) == (before, set())


@pytest.mark.parametrize("arguments", [["ID=9"], ["ID=2", "STATE=sleeping"], ["ID=2", "SHARE=101"], ["ID=2", "SHARE=-1"],
                                       ["ID=2", "SHARE=050"], ["ID=2", "SHARE=half"], ["ID=2", "SHARE=1.5"]])
def test_drains_no_cell_that_is_not_there_and_to_no_other_state(arguments: list[str], work: Workspace) -> None:
    assert work.task("drain-cell", *arguments).status != 0 and work.changed() == set()


# --- override-cell ---------------------------------------------------------------------------


class Routers:
    """Routers' management ports on loopback, and a stand-in for kubectl that leads to them."""

    def __init__(self, work: Workspace, statuses: list[int]) -> None:
        self.work, self.asked = work, []
        self.servers = [self.server(status) for status in statuses]
        pods = "".join(f"pod/router-{i}\n" for i in range(len(statuses)))
        answers = [(f"*port-forward*pod/router-{i} *", 0, f"Forwarding from 127.0.0.1:{server.server_address[1]} -> 9000\n")
                   for i, server in enumerate(self.servers)]
        work.stand_in("kubectl", ("*get pods*", 0, pods), *answers)

    def server(self, status: int) -> ThreadingHTTPServer:
        routers = self

        class Handler(BaseHTTPRequestHandler):
            def do_POST(self) -> None:
                body = json.loads(self.rfile.read(int(self.headers["Content-Length"])))
                routers.asked.append((self.path, self.headers["X-API-Key"], body))
                answer = b'{"detail":"the key is not known"}'
                self.send_response(status)
                self.send_header("Content-Length", str(len(answer)))
                self.end_headers()
                self.wfile.write(answer)

            def log_message(self, *_: object) -> None:
                pass

        server = ThreadingHTTPServer(("127.0.0.1", 0), Handler)
        threading.Thread(target=server.serve_forever, daemon=True).start()
        return server

    def override(self, *arguments: str) -> Ran:
        return self.work.task("override-cell", "ID=2", *arguments, ADMIN_KEY="the-admins-own")

    def close(self) -> None:
        for server in self.servers:
            server.shutdown()
            server.server_close()


@pytest.fixture
def routers(work: Workspace) -> Iterator[Callable[..., Routers]]:
    made: list[Routers] = []

    def make(*statuses: int) -> Routers:
        made.append(Routers(work, list(statuses)))
        return made[-1]

    yield make
    for each in made:
        each.close()


def test_an_override_reaches_every_router_with_who_and_why(routers: Callable[..., Routers]) -> None:
    each = routers(200, 200)
    ran = each.override("FOR=600", "REASON=a \"quoted\" reason", "STATE=draining", "SHARE=50")
    assert ran.status == 0, ran.text
    body = {"cellID": "2", "reason": 'a "quoted" reason', "expires_in": 600, "state": "draining", "share": 50}
    assert each.asked == [("/cells", "the-admins-own", body)] * 2
    assert "the-admins-own" not in " ".join(each.work.calls()) + ran.text
    each.asked.clear()
    assert each.override("FOR=clear", "REASON=done").status == 0
    assert each.asked == [("/cells", "the-admins-own", {"cellID": "2", "reason": "done", "clear": True})] * 2
    assert each.work.changed() == set()


def test_a_router_that_refuses_is_named_and_the_others_are_told(routers: Callable[..., Routers]) -> None:
    each = routers(403, 200)
    ran = each.override("FOR=600", "REASON=why", "SHARE=0")
    assert ran.status != 0 and len(each.asked) == 2
    assert "pod/router-0: refused with 403: the key is not known" in ran.text and "pod/router-1: done" in ran.text
    assert "1 of the routers did not take it" in ran.text


@pytest.mark.parametrize("arguments", [["FOR=0", "SHARE=1"], ["FOR=86401", "SHARE=1"], ["FOR=1h", "SHARE=1"], ["FOR=60"],
                                       ["FOR=60", "SHARE=101"], ["FOR=60", "STATE=gone"], ["FOR=clear", "SHARE=1"]])
def test_an_override_that_makes_no_sense_asks_no_router(arguments: list[str], routers: Callable[..., Routers]) -> None:
    each = routers(200)
    assert each.override(*arguments, "REASON=why").status != 0
    assert each.asked == [] and not each.work.calls("kubectl -n cell-router port-forward")


# --- scale, set-repo -------------------------------------------------------------------------


def test_scaling_sets_the_autoscalers_bounds_and_can_be_repeated(work: Workspace) -> None:
    def bounds(overlay: str) -> list[tuple[int, int]]:
        return [(item["spec"]["minReplicas"], item["spec"]["maxReplicas"]) for item in objects(work, f"manifests/overlays/{overlay}/router")
                if item["kind"] == "HorizontalPodAutoscaler"]

    production = bounds("production")
    for low, high in (("3", "9"), ("4", "5")):
        assert work.task("scale", f"MIN={low}", f"MAX={high}").status == 0
        assert bounds("kind") == [(int(low), int(high))]
    assert work.read("manifests/overlays/kind/router/kustomization.yaml").count("minReplicas") == 1
    assert bounds("production") == production
    assert work.task("scale", "MIN=7").status == 0 and bounds("kind") == [(7, 7)]
    work.task("scale", "MIN=4", "MAX=40", "ENVIRONMENT=production")
    assert bounds("production") == [(4, 40)]


@pytest.mark.parametrize("arguments", [["MIN=1"], ["MIN=0"], ["MIN=x"], ["MIN=5", "MAX=4"], ["MIN=3", "MAX=many"]])
def test_refuses_bounds_that_make_no_sense(arguments: list[str], work: Workspace) -> None:
    assert work.task("scale", *arguments).status != 0 and work.changed() == set()


@pytest.mark.parametrize("url", ["https://github.com/me/cell-router.git", "git@github.com:me/cell-router.git",
                                 "ssh://git@host:2222/x.git", "http://git.cell-git/cell-router.git"])
def test_the_repository_stands_in_one_place_and_reaches_all(url: str, work: Workspace) -> None:
    assert work.task("set-repo", f"URL={url}", "REVISION=release").status == 0
    assert work.changed() == {"argocd/settings/repository.yaml"}
    for environment in ("kind", "existing", "production"):
        text = work.build(f"argocd/bootstrap/{environment}") + work.build(f"argocd/environments/{environment}")
        assert "example.com" not in text and "set-by-settings" not in text
        root = next(item for item in yaml.safe_load_all(work.build(f"argocd/bootstrap/{environment}")) if item["kind"] == "Application")
        assert (root["spec"]["source"]["repoURL"], root["spec"]["source"]["targetRevision"]) == (url, "release")


@pytest.mark.parametrize("url", ["cell-router", "https://", "https://me:secret@github.com/x.git", "https://ghp_0123@github.com/x.git",
                                 "http://me@git/x.git", "https://me:a/b@git/x.git", "ssh://git:secret@host/x.git", "https://a b", "file:///x", "https://x y"])
def test_refuses_what_is_no_repository(url: str, work: Workspace) -> None:
    assert work.task("set-repo", f"URL={url}").status != 0 and work.changed() == set()


# --- build-app -------------------------------------------------------------------------------


def test_the_tag_that_was_built_is_loaded_and_written_down(work: Workspace) -> None:
    ran = work.task("build-app")
    assert ran.status == 0, ran.text
    assert work.calls("kind") == ["kind load docker-image cell-router:0123456789ab --name cell-router"]
    assert work.changed() == {"manifests/overlays/kind/router/kustomization.yaml"}
    assert "image: cell-router:0123456789ab" in work.build("manifests/overlays/kind/router")
    assert "commit and push it" in ran.out
    work.commit()
    assert "names it already" in work.task("build-app").out and work.changed() == set()


def test_another_cluster_gets_the_image_by_the_command_that_is_given(work: Workspace) -> None:
    work.stand_in("loader")
    ran = work.task("build-app", "CLUSTER=existing", "IMAGE_LOADER=loader --quick")
    assert (work.calls("loader"), work.calls("kind")) == (["loader --quick cell-router:0123456789ab"], []), ran.text
    assert "must be able to get" in work.task("build-app", "CLUSTER=existing").out


def test_a_failed_build_or_load_writes_no_tag(work: Workspace) -> None:
    work.stand_in("kind", ("load*", 1, "no"))
    assert work.task("build-app").status != 0 and work.changed() == set()
    work.stand_in("kind")
    (work.folder / "scripts" / "build-image.sh").write_text("#!/bin/sh\necho oops\n")
    work.commit()
    assert "not cell-router:<tag>" in work.task("build-app").text and work.changed() == set()


def in_the_overlay(work: Workspace) -> list[str]:
    return sorted(set(re.findall(r"image: (\S*cell-router\S*)", work.build("manifests/overlays/kind/router"))))


def test_the_nodes_pull_it_by_the_name_that_is_given(work: Workspace) -> None:
    name = "registry.example.com:5000/me/cell-router"
    work.stand_in("loader")
    ran = work.task("build-app", "CLUSTER=existing", "IMAGE_LOADER=loader", f"IMAGE_NAME={name}")
    assert ran.status == 0 and in_the_overlay(work) == [f"{name}:0123456789ab"], ran.text
    assert work.calls("loader") == ["loader cell-router:0123456789ab"]
    # It stays: with the same sources there is nothing to do, with others only the tag changes.
    work.commit()
    ran = work.task("build-app", "CLUSTER=existing", "IMAGE_LOADER=loader")
    assert "names it already" in ran.out and work.changed() == set(), ran.text
    assert work.run("scripts/require.sh", "image-in-git").status == 0
    script = work.folder / "scripts" / "build-image.sh"
    script.write_text(script.read_text().replace("0123456789ab", "fedcba987654"))
    assert work.run("scripts/require.sh", "image-in-git").status == 1
    assert work.task("build-app", "CLUSTER=existing", "IMAGE_LOADER=loader").status == 0
    assert in_the_overlay(work) == [f"{name}:fedcba987654"]
    assert "which the cluster has to pull" in work.task("build-app").out
    assert work.task("build-app", "IMAGE_NAME=cell-router").status == 0
    assert in_the_overlay(work) == ["cell-router:fedcba987654"] and "newName" not in work.read("manifests/overlays/kind/router/kustomization.yaml")


@pytest.mark.parametrize("name", ["registry/cell-router:1", "registry/cell-router@sha256:0", "registry/", "a b/c", "other", "https://a/b", "a:b/c"])
def test_refuses_what_is_no_name_of_an_image(name: str, work: Workspace) -> None:
    assert work.task("build-app", f"IMAGE_NAME={name}").status != 0
    assert work.changed() == set() and not work.calls("kind")


# --- production's image ----------------------------------------------------------------------

DIGEST = "sha256:" + "0123456789abcdef" * 4


def test_production_gets_its_image_by_digest(work: Workspace) -> None:
    for tag in ("1.2.3", "1.2.4"):
        ran = work.run("scripts/set-production-image.sh", f"ghcr.io/me/cell-router:{tag}@{DIGEST}")
        assert ran.status == 0, ran.text
        assert f"image: ghcr.io/me/cell-router:{tag}@{DIGEST}" in work.build("manifests/overlays/production/router")
    assert work.changed() == {"manifests/overlays/production/router/kustomization.yaml"}


@pytest.mark.parametrize("image", ["cell-router", "cell-router:1.2.3", f"cell-router@{DIGEST}", "cell-router:1@sha256:0123", f"a b:1@{DIGEST}",
                                   f"cell-router:1@{DIGEST}0", f"cell-router:1@{DIGEST.upper()}"])
def test_production_takes_no_image_without_tag_and_whole_digest(image: str, work: Workspace) -> None:
    assert work.run("scripts/set-production-image.sh", image).status == 1 and work.changed() == set()


# --- secrets ---------------------------------------------------------------------------------


class Keys:
    """A cluster that keeps the Secret it is given."""

    def __init__(self, work: Workspace) -> None:
        self.work, self.held = work, {}

    def act(self, *arguments: str, kind: str = "api-keys") -> dict[str, str]:
        """Runs the task; gives what it printed, by client."""
        answer = json.dumps({"data": {f"{kind}.json": base64.b64encode(json.dumps(self.held).encode()).decode()}}) if self.held else ""
        # Keeps a copy of what is applied.
        self.work.stand_in("kubectl", (f"*{KEYS}*", 0, answer))
        program = self.work.folder / ".tools" / "bin" / "kubectl"
        applied = self.work.folder.parent / "applied.yaml"
        program.write_text(program.read_text().replace("while IFS", f'case "$1" in apply) cp "${{@: -1}}" {applied} ;; esac\nwhile IFS', 1))
        ran = self.work.task("secrets", *arguments)
        assert ran.status == 0, ran.text
        if applied.exists():
            secret = yaml.safe_load(applied.read_text())
            assert (secret["metadata"]["name"], secret["metadata"]["namespace"]) == (f"cell-router-{kind}", "cell-router")
            self.held = json.loads(secret["stringData"][f"{kind}.json"])
        self.out = ran.text
        return dict(re.findall(r"^  (\S+) +(\S{40,})$", ran.out, re.M))


def digest(key: str) -> str:
    return "sha256:" + hashlib.sha256(key.encode()).hexdigest()


@pytest.fixture
def keys(work: Workspace) -> Keys:
    return Keys(work)


def test_keys_are_long_random_shown_once_and_kept_as_digests(keys: Keys) -> None:
    shown = keys.act("CLUSTER=existing", "CLIENTS=alice,bob")
    assert set(shown) == {"alice", "bob"} and shown["alice"] != shown["bob"]
    assert all(len(base64.urlsafe_b64decode(key + "=")) == 32 for key in shown.values())
    assert keys.held == {digest(shown["alice"]): "alice", digest(shown["bob"]): "bob"}
    assert keys.act("CLUSTER=existing", "ACTION=list") == {}
    assert "alice" in keys.out and shown["alice"] not in keys.out


def test_rotation_old_and_new_side_by_side_then_the_new_alone(keys: Keys) -> None:
    old = keys.act("CLUSTER=existing", "CLIENTS=alice,bob")
    new = keys.act("CLUSTER=existing", "CLIENTS=alice")
    assert keys.held == {digest(old["alice"]): "alice", digest(old["bob"]): "bob", digest(new["alice"]): "alice"}
    keys.act("CLUSTER=existing", "ACTION=retire", "CLIENTS=alice")
    assert keys.held == {digest(old["bob"]): "bob", digest(new["alice"]): "alice"}
    keys.act("CLUSTER=existing", "ACTION=remove", "CLIENTS=alice")
    assert keys.held == {digest(old["bob"]): "bob"}


def test_asking_for_keys_is_switched_on_once(keys: Keys) -> None:
    for _ in range(2):
        keys.act("CLUSTER=existing")
    text = keys.work.read("manifests/overlays/kind/router/kustomization.yaml")
    assert text.count("components/authentication") == 1 and "sealed-secrets" not in text
    assert keys.work.changed() == {"manifests/overlays/kind/router/kustomization.yaml"}


@pytest.fixture(scope="session")
def certificate(tmp_path_factory: pytest.TempPathFactory) -> tuple[Path, Path]:
    folder = tmp_path_factory.mktemp("certificate")
    key, certificate = folder / "key.pem", folder / "certificate.pem"
    subprocess.run(["openssl", "req", "-x509", "-newkey", "rsa:2048", "-nodes", "-keyout", key, "-out", certificate, "-days", "30",
                    "-subj", "/CN=sealed-secret"], check=True, capture_output=True)
    return key, certificate


@pytest.mark.parametrize("overlay, arguments", [("kind", []), ("production", ["CLUSTER=existing", "ENVIRONMENT=production"])])
def test_in_git_they_are_sealed_for_their_cluster(overlay: str, arguments: list[str], keys: Keys, certificate: tuple[Path, Path]) -> None:
    shown = keys.act(*arguments, f"SEAL_CERT={certificate[1]}", "CLIENTS=alice")
    folder = f"manifests/components/sealed-secrets/{overlay}"
    assert f"{folder}/api-keys.sealed.yaml" in keys.work.changed()
    everything = keys.work.git("diff") + keys.work.read(f"{folder}/api-keys.sealed.yaml")
    assert shown["alice"] not in everything and digest(shown["alice"])[7:] not in everything
    sealed = [item for item in objects(keys.work, f"manifests/overlays/{overlay}/router") if item["kind"] == "SealedSecret"]
    assert [(item["metadata"]["name"], item["metadata"]["namespace"]) for item in sealed] == [("cell-router-api-keys", "cell-router")]
    # Only the holder of the private key reads it.
    (keys.work.folder.parent / "sealed.yaml").write_text(yaml.dump(sealed[0]))
    opened = keys.work.run("kubeseal", "--recovery-unseal", "--recovery-private-key", str(certificate[0]),
                           "--secret-file", str(keys.work.folder.parent / "sealed.yaml"), "-o", "json")
    assert opened.status == 0, opened.text
    assert json.loads(base64.b64decode(json.loads(opened.out)["data"]["api-keys.json"])) == {digest(shown["alice"]): "alice"}
    assert not [call for call in keys.work.calls("kubectl") if " apply " in call]


def test_keys_of_admins_are_a_secret_of_their_own_and_switch_nothing_on(keys: Keys) -> None:
    shown = keys.act("CLUSTER=existing", "ROLE=admin", "CLIENTS=alice", kind="admin-keys")
    assert keys.held == {digest(shown["alice"]): "alice"} and keys.work.changed() == set()
    more = keys.act("CLUSTER=existing", "ROLE=admin", "CLIENTS=bob", kind="admin-keys")
    assert keys.held == {digest(shown["alice"]): "alice", digest(more["bob"]): "bob"}


def test_keys_of_clients_and_of_admins_are_sealed_side_by_side(keys: Keys, certificate: tuple[Path, Path]) -> None:
    for role, kind in (("client", "api-keys"), ("admin", "admin-keys"), ("client", "api-keys")):
        keys.held = {}
        keys.act(f"SEAL_CERT={certificate[1]}", f"ROLE={role}", kind=kind)
    sealed = {item["metadata"]["name"]: item["spec"]["encryptedData"] for item in objects(keys.work, "manifests/overlays/kind/router")
              if item["kind"] == "SealedSecret"}
    assert {name: list(data) for name, data in sealed.items()} == {
        "cell-router-api-keys": ["api-keys.json"], "cell-router-admin-keys": ["admin-keys.json"]}


def test_nothing_changes_when_it_cannot_be_sealed(keys: Keys, tmp_path: Path) -> None:
    (tmp_path / "none.pem").write_text("no certificate")
    ran = keys.work.task("secrets", f"SEAL_CERT={tmp_path / 'none.pem'}")
    assert ran.status != 0 and "could not seal" in ran.text and keys.work.changed() == set()


def test_keys_that_cannot_be_read_are_not_overwritten(work: Workspace) -> None:
    work.stand_in("kubectl", (f"*{KEYS}*", 1, "forbidden"))
    ran = work.task("secrets", "CLUSTER=existing")
    assert ran.status != 0 and "could not read the keys in force" in ran.text
    assert not [call for call in work.calls("kubectl") if "apply" in call] and work.changed() == set()


@pytest.mark.parametrize("arguments", [["ACTION=retire", "CLIENTS=nobody"], ["ACTION=steal"], ["CLIENTS=a b"], ['CLIENTS=a"b']])
def test_refuses_clients_and_actions_that_are_none(arguments: list[str], work: Workspace) -> None:
    ran = work.task("secrets", "CLUSTER=existing", *arguments)
    assert ran.status != 0 and work.changed() == set(), ran.text
    assert not [call for call in work.calls("kubectl") if "apply" in call]


def test_no_key_is_ever_an_argument_of_a_program() -> None:
    """Arguments are visible to every user of the machine."""
    script = (ROOT / "scripts" / "secrets.sh").read_text()
    assert not re.search(r'^(?!.*printf).*(kubectl|yq|kubeseal|awk)[^|]*"?\$key', script, re.M)

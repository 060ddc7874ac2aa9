"""Tasks that act on a cluster, with stand-ins that write down what they were asked: the order, the waiting, and what stops them."""

import json
import re
import signal
import subprocess
import time
from pathlib import Path

import pytest
import yaml

from workspace import Workspace

APPLY = re.compile(r"kubectl apply\b")


def application(name: str, wave: int, sync: str = "Synced", health: str = "Healthy", message: str = "") -> dict:
    return {"metadata": {"name": name, "annotations": {"argocd.argoproj.io/sync-wave": str(wave)}},
            "status": {"sync": {"status": sync}, "health": {"status": health},
                       "conditions": [{"message": message}] if message else []}}


def state(*applications: dict) -> tuple[str, int, str]:
    return ("*get applications.argoproj.io*-o json", 0, json.dumps({"items": list(applications)}))


ALL = [application(name, wave) for name, wave in (
    ("namespaces", 0), ("platform", 2), ("cell-1", 4), ("cell-2", 4), ("cell-3", 4), ("router", 5), ("alert-rules", 6), ("dashboards", 6))]


def without_argocd(work: Workspace) -> None:
    work.stand_in("kubectl", ("*get deployments,statefulsets,daemonsets*", 0, '{"items":[]}'),
                  ("*get secret grafana-admin*", 1, ""), ("apply*", 0, "thing serverside-applied\n"))


# --- waves -----------------------------------------------------------------------------------


def test_all_is_done_when_every_application_of_the_environment_is_synced_and_healthy(work: Workspace) -> None:
    work.stand_in("kubectl", state(*ALL))
    ran = work.run("scripts/apps.sh", "wait", CLUSTER="existing")
    assert ran.status == 0 and "8 of 8" in ran.out, ran.text


@pytest.mark.parametrize("name, sync, health", [("router", "OutOfSync", "Healthy"), ("router", "Synced", "Progressing"), ("cell-2", "Unknown", "Unknown")])
def test_one_that_is_not_keeps_it_waiting_and_is_named(name: str, sync: str, health: str, work: Workspace) -> None:
    items = [application(name, 5, sync, health) if item["metadata"]["name"] == name else item for item in ALL]
    work.stand_in("kubectl", state(*items))
    ran = work.run("scripts/apps.sh", "wait", CLUSTER="existing", TIMEOUT="1", WAIT_INTERVAL="0.5")
    assert ran.status == 1 and f"{name} ({sync}/{health})" in ran.out and "not after 1 s" in ran.err, ran.text


def test_one_that_is_not_there_yet_keeps_it_waiting_in_its_wave(work: Workspace) -> None:
    work.stand_in("kubectl", state(*[item for item in ALL if item["metadata"]["name"] not in ("router", "cell-3")]))
    ran = work.run("scripts/apps.sh", "wait", CLUSTER="existing", TIMEOUT="1", WAIT_INTERVAL="0.5")
    assert ran.status == 1 and "6 of 8; wave 4: cell-3 (not there yet)" in ran.out and "router" not in ran.out


def test_progress_is_shown_when_it_changes_and_not_over_and_over(work: Workspace) -> None:
    work.stand_in("kubectl", state(*ALL[:3]))
    ran = work.run("scripts/apps.sh", "wait", CLUSTER="existing", TIMEOUT="3", WAIT_INTERVAL="0.2")
    assert ran.out.count("3 of 8") == 1, ran.out


def test_a_sync_waits_until_argo_cd_has_looked_at_git(work: Workspace) -> None:
    """Right after the request every Application still says what it said about the last commit."""
    asked = application("router", 5)
    asked["metadata"]["annotations"]["argocd.argoproj.io/refresh"] = "normal"
    work.stand_in("kubectl", state(*[item if item["metadata"]["name"] != "router" else asked for item in ALL]))
    ran = work.run("scripts/apps.sh", "sync", CLUSTER="existing", TIMEOUT="1", WAIT_INTERVAL="0.5")
    assert ran.status == 1 and "7 of 8; wave 5: router (Refreshing/Healthy)" in ran.out, ran.text
    work.stand_in("kubectl", state(*ALL))
    assert work.run("scripts/apps.sh", "sync", CLUSTER="existing").status == 0


@pytest.fixture
def git(work: Workspace) -> Workspace:
    """With a repository that can be asked; it holds the working copy's commit."""
    origin = work.folder.parent / "origin.git"
    work.git("init", "-q", "--bare", "-b", "main", str(origin))
    settings = work.folder / "argocd" / "settings" / "repository.yaml"
    settings.write_text(re.sub("url: .*", f"url: file://{origin}", settings.read_text()))
    work.commit()
    # A branch whose name ends in the other's name, and an older commit.
    work.git("push", "-q", str(origin), "main", "main~:refs/heads/a/main")
    return work


def at(revision: str, item: dict) -> dict:
    status = {**item["status"], "sync": {**item["status"]["sync"], "revision": revision}}
    return {"metadata": {**item["metadata"], "labels": {"cell-router.io/source": "repository"}}, "status": status}


WAITING = {"CLUSTER": "existing", "TIMEOUT": "1", "WAIT_INTERVAL": "0.5"}


@pytest.mark.parametrize("script", [("scripts/apps.sh", "sync"), ("scripts/bootstrap-apps.sh",)])
def test_what_is_well_with_the_commit_before_is_not_done(script: tuple[str, ...], git: Workspace) -> None:
    old, new = git.git("rev-parse", "main~", "main").split()
    well = [at(new, item) for item in [*ALL, application("root", 0)]]
    git.stand_in("kubectl", state(*well[:2], at(old, ALL[2]), *well[3:]))
    ran = git.run(*script, **WAITING)
    assert ran.status == 1 and f"7 of 8; wave 4: cell-1 (at commit {old[:12]})" in ran.out, ran.text
    git.stand_in("kubectl", state(*well[:-1], at(old, application("root", 0))))
    ran = git.run(*script, **WAITING)
    assert ran.status == 1 and f"8 of 8; root (at commit {old[:12]})" in ran.out, ran.text
    git.stand_in("kubectl", state(*well))
    ran = git.run(*script, **WAITING)
    assert ran.status == 0 and new in ran.out, ran.text
    assert [call for call in git.calls("kubectl") if "annotate" in call and "refresh=normal" in call]


def test_a_chart_has_no_commit_of_the_repository(git: Workspace) -> None:
    new = git.git("rev-parse", "main").strip()
    chart = application("cell-1", 4)
    chart["status"]["sync"]["revision"] = "41.4.0"
    git.stand_in("kubectl", state(chart, *[at(new, item) for item in ALL if item["metadata"]["name"] != "cell-1"]))
    assert git.run("scripts/apps.sh", "sync", **WAITING).status == 0


def test_a_commit_that_is_pushed_meanwhile_is_as_good(git: Workspace) -> None:
    """Argo CD may find a later one than the one that was there when the task began."""
    origin = git.folder.parent / "origin.git"
    git.commit()
    later = git.git("rev-parse", "HEAD").strip()
    program = git.folder / ".tools/bin/kubectl"
    git.stand_in("kubectl", state(*[at(later, item) for item in ALL]))
    program.write_text(program.read_text().replace("while IFS", f'case "$*" in *annotate*) git -C {git.folder} push -q {origin} main ;; esac\nwhile IFS', 1))
    ran = git.run("scripts/apps.sh", "sync", **{**WAITING, "TIMEOUT": "10"})
    assert ran.status == 0 and "0 of 8" in ran.out and "8 of 8" in ran.out, ran.text


@pytest.mark.parametrize("revision", ["v1", "commit"])
def test_a_tag_or_a_commit_is_found_as_well(revision: str, git: Workspace) -> None:
    origin = git.folder.parent / "origin.git"
    commit = git.git("rev-parse", "main").strip()
    git.git("tag", "-a", "-m", "annotated", "v1")
    git.git("push", "-q", str(origin), "v1")
    settings = git.folder / "argocd" / "settings" / "repository.yaml"
    settings.write_text(re.sub("revision: .*", f"revision: {commit if revision == 'commit' else revision}", settings.read_text()))
    git.stand_in("kubectl", state(*[at(commit, item) for item in ALL]))
    assert git.run("scripts/apps.sh", "sync", **WAITING).status == 0
    git.stand_in("kubectl", state(*[at("0" * 40, item) for item in ALL]))
    assert git.run("scripts/apps.sh", "sync", **WAITING).status == 1


def test_a_repository_that_cannot_be_asked_is_said_and_the_root_still_waited_for(git: Workspace) -> None:
    (git.folder.parent / "origin.git").rename(git.folder.parent / "elsewhere.git")
    some = [at("0" * 40, item) for item in ALL]
    git.stand_in("kubectl", state(*some, application("root", 0, "OutOfSync")))
    ran = git.run("scripts/apps.sh", "sync", **WAITING)
    assert ran.status == 1 and "cannot be asked from here" in ran.out and "8 of 8; root (OutOfSync)" in ran.out, ran.text
    git.stand_in("kubectl", state(*some, application("root", 0)))
    assert git.run("scripts/apps.sh", "sync", **WAITING).status == 0


@pytest.mark.parametrize("ports, wanted", [
    ([("web", 80), ("web8000", 8000)], 8000), ([("websecure", 443), ("web", 80)], 80), ([("http", 81), ("https", 82)], 81)])
def test_the_gateways_port_is_that_of_its_listener(ports: list[tuple[str, int]], wanted: int, doors: Workspace) -> None:
    program = doors.folder / ".tools/bin/kubectl"
    spec = json.dumps({"spec": {"ports": [{"name": name, "port": port} for name, port in ports]}})
    program.write_text(re.sub(r"echo '.*'", lambda _: f"echo '{spec}'", FORWARD))
    door = start(doors, "scripts/port-forward.sh", "ingress", CLUSTER="existing")
    until(lambda: any("service/traefik" in call and "port-forward" in call for call in doors.calls()))
    door.send_signal(signal.SIGINT)
    door.communicate(timeout=30)
    assert any(call.endswith(f"service/traefik 8080:{wanted}") for call in doors.calls()), doors.calls()


def test_the_status_shows_what_argo_cd_complains_about(work: Workspace) -> None:
    work.stand_in("kubectl", state(application("router", 5, "OutOfSync", "Degraded", "one or more\n\tobjects failed")),
                  ("*application-controller*", 0, "statefulset/x"))
    ran = work.task("get-apps-status")
    assert re.search(r"^5 +router +OutOfSync +Degraded +one or more objects failed$", ran.out, re.M), ran.text


# --- with Argo CD ----------------------------------------------------------------------------


def test_bootstrap_makes_grafanas_password_before_the_applications(work: Workspace) -> None:
    everything = ["namespaces", "gateway-api", "traefik", "metrics-server", "sealed-secrets", "platform", "monitoring", "cell-1", "cell-2",
                  "cell-3", "router", "alert-rules", "dashboards"]
    work.stand_in("kubectl", ("*get secret grafana-admin*", 1, ""), state(*[application(name, 0) for name in everything]))
    ran = work.run("scripts/bootstrap-apps.sh", CLUSTER="kind")
    assert ran.status == 0, ran.text
    acts = [call for call in work.calls("kubectl") if re.search(r" (apply|create) ", call)]
    assert [bool(re.search("secret generic grafana-admin", call)) for call in acts] == [False, True, False], acts
    assert not re.search(r"admin-password=(?!/)", acts[1]), "the password is in a file, not in the arguments"


def test_a_cluster_with_its_own_monitoring_gets_no_password(work: Workspace) -> None:
    work.stand_in("kubectl", state(*ALL))
    work.run("scripts/bootstrap-apps.sh", CLUSTER="existing")
    assert not [call for call in work.calls("kubectl") if "grafana" in call]


@pytest.mark.parametrize("there, folder", [(True, "argocd/install/config"), (False, "argocd/install")])
def test_an_argo_cd_that_is_there_gets_only_the_settings(there: bool, folder: str, work: Workspace) -> None:
    found = "statefulset/argocd-application-controller\n" if there else ""
    work.stand_in("kubectl", ("*-l app.kubernetes.io/name=argocd-application-controller*", 0, found),
                  ("*get deployments,statefulsets,daemonsets*", 0, '{"items":[]}'))
    # The rest of the install comes from elsewhere, which no test asks.
    (work.folder / ".tools/bin/kustomize").unlink()
    work.stand_in("kustomize")
    ran = work.without("helm").task("deploy-argocd", "CLUSTER=existing")  # no chart is installed there
    assert ran.status == 0, ran.text
    assert work.calls("kustomize") == [f"kustomize build {work.folder}/{folder}"]


def test_waits_until_every_workload_is_complete(work: Workspace) -> None:
    workload = {"kind": "Deployment", "metadata": {"name": "argocd-server", "generation": 2}, "spec": {"replicas": 2},
                "status": {"replicas": 2, "updatedReplicas": 2, "readyReplicas": 1, "observedGeneration": 2}}
    daemon = {"kind": "DaemonSet", "metadata": {"name": "node-exporter", "generation": 1},
              "status": {"desiredNumberScheduled": 3, "updatedNumberScheduled": 3, "numberReady": 3, "observedGeneration": 1}}
    unseen = {"kind": "StatefulSet", "metadata": {"name": "controller", "generation": 2}, "spec": {"replicas": 1},
              "status": {"replicas": 1, "updatedReplicas": 1, "readyReplicas": 1, "observedGeneration": 1}}
    work.stand_in("kubectl", ("*", 0, json.dumps({"items": [workload, daemon, unseen]})))
    ran = work.run("bash", "-c", ". scripts/lib.sh; rolled_out argocd")
    assert (ran.status, ran.out) == (1, "Deployment/argocd-server 1/2, StatefulSet/controller 1/1"), ran.text
    work.stand_in("kubectl", ("*", 0, json.dumps({"items": [daemon]})))
    assert work.run("bash", "-c", ". scripts/lib.sh; rolled_out argocd").status == 0


@pytest.mark.parametrize("kind, strategy, status, said", [
    ("Deployment", None, {"replicas": 2, "readyReplicas": 2, "updatedReplicas": 2}, "ready"),
    # The old pods are ready, of the new ones there is one; of the old ones one is left; no status at all yet.
    ("Deployment", None, {"replicas": 2, "readyReplicas": 2, "updatedReplicas": 1}, "Deployment/x 2/2 (1 updated)"),
    ("Deployment", None, {"replicas": 3, "readyReplicas": 2, "updatedReplicas": 2}, "Deployment/x 2/2"),
    ("Deployment", None, {"replicas": 2, "readyReplicas": 2, "updatedReplicas": None}, "Deployment/x 2/2 (0 updated)"),
    ("Deployment", None, {}, "Deployment/x 0/2 (0 updated)"),
    ("StatefulSet", "RollingUpdate", {"replicas": 2, "readyReplicas": 2, "updatedReplicas": 1}, "StatefulSet/x 2/2 (1 updated)"),
    ("StatefulSet", "OnDelete", {"replicas": 2, "readyReplicas": 2}, "ready"),
    ("DaemonSet", "RollingUpdate", {"desiredNumberScheduled": 3, "numberReady": 3, "updatedNumberScheduled": 2}, "DaemonSet/x 3/3 (2 updated)"),
    ("DaemonSet", "RollingUpdate", {"desiredNumberScheduled": 0, "numberReady": 0}, "ready"),
])
def test_pods_of_an_older_version_are_not_done(kind: str, strategy: str | None, status: dict, said: str, work: Workspace) -> None:
    spec = {} if kind == "DaemonSet" else {"replicas": 2}
    workload = {"kind": kind, "metadata": {"name": "x", "generation": 1}, "status": {"observedGeneration": 1, **status},
                "spec": spec | ({"updateStrategy": {"type": strategy}} if strategy else {})}
    work.stand_in("kubectl", ("*", 0, json.dumps({"items": [workload]})))
    ran = work.run("bash", "-c", ". scripts/lib.sh; rolled_out argocd")
    assert (ran.status, ran.out) == (0 if said == "ready" else 1, said), ran.text


# --- without Argo CD -------------------------------------------------------------------------


def test_without_argocd_the_waves_are_the_same(work: Workspace) -> None:
    without_argocd(work)
    ran = work.run("scripts/deploy-without-argocd.sh", CLUSTER="existing")
    assert ran.status == 0, ran.text
    assert re.findall(r"== wave (\d+): (\S+)", ran.out) == [
        ("0", "namespaces"), ("2", "platform"), ("4", "cell-1"), ("4", "cell-2"), ("4", "cell-3"), ("5", "router"),
        ("6", "alert-rules"), ("6", "dashboards")]
    inputs = sorted(work.folder.parent.glob("calls.input.*"), key=lambda file: int(file.name.split(".")[-1]))
    kinds = [{item["kind"] for item in yaml.safe_load_all(file.read_text()) if item} for file in inputs]
    assert "Namespace" in kinds[0] and "ValidatingAdmissionPolicy" in kinds[1] and "HorizontalPodAutoscaler" in kinds[5]
    # The next wave starts when the last one's namespaces are complete.
    calls = work.calls("kubectl")
    applied = [number for number, call in enumerate(calls) if APPLY.match(call)]
    waits = [number for number, call in enumerate(calls) if "get deployments,statefulsets" in call]
    assert any(applied[4] < number < applied[5] for number in waits)


def test_charts_come_with_the_version_and_the_values_of_their_application(work: Workspace) -> None:
    without_argocd(work)
    helm = work.folder / ".tools/bin/helm"
    helm.write_text(helm.read_text().replace("while IFS", 'while [ "$1" != --values ]; do [ $# -gt 0 ] || break; shift; done; '
                                             'cp "$2" "$CALLS.values"\nwhile IFS', 1))
    ran = work.run("scripts/deploy-without-argocd.sh", "traefik", CLUSTER="kind")
    assert ran.status == 0, ran.text
    wanted = next(item for item in yaml.safe_load_all(work.build("argocd/environments/kind")) if item["metadata"]["name"] == "traefik")
    source = wanted["spec"]["source"]
    assert len(work.calls("helm")) == 1
    call = work.calls("helm")[0]
    assert f"upgrade --install traefik traefik --namespace traefik --repo {source['repoURL']} --version {source['targetRevision']}" in call
    assert call.endswith("--skip-crds")
    assert yaml.safe_load(Path(work.environment["CALLS"] + ".values").read_text()) == source["helm"]["valuesObject"]


def test_stops_at_what_cannot_be_applied_and_says_it(work: Workspace) -> None:
    work.stand_in("kubectl", ("*get deployments,statefulsets,daemonsets*", 0, '{"items":[]}'),
                  ("apply*", 1, "a serverside-applied\nthe quota is exceeded\n"))
    ran = work.run("scripts/deploy-without-argocd.sh", CLUSTER="existing")
    assert ran.status == 1 and "namespaces: the quota is exceeded" in ran.err and "wave 2" not in ran.out, ran.text


def test_stops_at_a_chart_that_cannot_be_installed(work: Workspace) -> None:
    without_argocd(work)
    work.stand_in("helm", ("*", 1, "no such chart\n"))
    ran = work.run("scripts/deploy-without-argocd.sh", "traefik", "platform", CLUSTER="kind")
    assert ran.status == 1 and "traefik: no such chart" in ran.err and "platform" not in ran.out, ran.text


def test_does_not_work_against_argo_cd(work: Workspace) -> None:
    work.stand_in("kubectl", ("*get applications.argoproj.io -l app.kubernetes.io/part-of=cell-router -o name*", 0, "application/router\n"))
    ran = work.run("scripts/deploy-without-argocd.sh", CLUSTER="existing")
    assert ran.status == 1 and "commit and push instead" in ran.err
    assert not [call for call in work.calls("kubectl") if APPLY.match(call)]


# --- cluster and doors -----------------------------------------------------------------------


def test_the_cluster_is_made_once(work: Workspace) -> None:
    assert work.task("create-cluster").status == 0
    created = [call for call in work.calls("kind") if "create cluster" in call]
    assert created == [f"kind create cluster --name cell-router --config kind-config.yaml --kubeconfig {work.folder}/.tools/kubeconfig --wait 5m"]
    work.stand_in("kind", ("get clusters", 0, "other\ncell-router\n"))
    ran = work.task("create-cluster")
    assert "already there" in ran.out and len([call for call in work.calls("kind") if "create cluster" in call]) == 1


def test_an_existing_cluster_is_never_made_nor_deleted(work: Workspace) -> None:
    for task in ("create-cluster", "clean"):
        assert work.task(task, "CLUSTER=existing", "CONFIRM=yes").status == 0
    assert work.calls("kind") == []
    deleted = [call for call in work.calls("kubectl") if " delete " in call]
    assert all("-l app.kubernetes.io/part-of=cell-router" in call or " root " in call for call in deleted) and len(deleted) > 3, deleted


def test_projects_outlive_their_applications(work: Workspace) -> None:
    """An Application whose project is gone hangs in its deletion."""
    work.stand_in("kubectl", ("*delete applications.argoproj.io -l*", 1, "timed out\n"))
    ran = work.task("clean", "CLUSTER=existing", "CONFIRM=yes")
    assert ran.status != 0 and "task get-apps-status" in ran.err, ran.text
    assert not [call for call in work.calls("kubectl") if "delete appprojects" in call or "delete validating" in call]
    work.stand_in("kubectl")
    assert work.task("clean", "CLUSTER=existing", "CONFIRM=yes").status == 0
    deleted = [re.sub(r".* delete (\S+).*", r"\1", call) for call in work.calls("kubectl") if " delete " in call]
    assert deleted.index("appprojects.argoproj.io") > deleted.index("applications.argoproj.io")


def test_the_clusters_own_namespaces_stay(work: Workspace) -> None:
    """An earlier deployment with its own gateway and monitoring leaves the label on theirs."""
    names = ("argocd", "cell-1", "cell-router", "monitoring", "monitoring-of-mine", "traefik")
    work.stand_in("kubectl", ("get namespaces -l app.kubernetes.io/part-of=cell-router -o name", 0, "".join(f"namespace/{name}\n" for name in names)))
    assert work.task("clean", "CLUSTER=existing", "CONFIRM=yes").status == 0
    deleted = [call for call in work.calls("kubectl") if " delete " in call and "namespace" in call]
    assert deleted == ["kubectl delete namespace/cell-1 namespace/cell-router namespace/monitoring-of-mine --ignore-not-found --timeout=5m"]


def test_production_is_deleted_only_by_its_name(work: Workspace) -> None:
    """Whatever ENVIRONMENT says: the root knows."""
    path = ("*get applications.argoproj.io root*", 0, "argocd/environments/production")
    work.stand_in("kubectl", path)
    ran = work.task("clean", "CLUSTER=existing", "CONFIRM=yes")
    assert ran.status != 0 and "CONFIRM=production" in ran.err, ran.text
    work.stand_in("kubectl")
    assert work.task("clean", "CLUSTER=existing", "ENVIRONMENT=production", "CONFIRM=yes").status != 0
    work.stand_in("kubectl", ("*get applications.argoproj.io root*", 1, ""))
    assert work.task("clean", "CLUSTER=existing", "CONFIRM=yes").status != 0
    assert not [call for call in work.calls("kubectl") if " delete " in call]
    work.stand_in("kubectl", path)
    assert work.task("clean", "CLUSTER=existing", "CONFIRM=production").status == 0
    assert [call for call in work.calls("kubectl") if " delete " in call]


def test_nothing_is_deleted_unless_confirmed(work: Workspace) -> None:
    for arguments in ([], ["CLUSTER=existing"], ["CONFIRM=no"]):
        assert work.task("clean", *arguments).status != 0
    assert work.run("scripts/clean.sh", CLUSTER="existing").status == 1
    assert not [call for call in work.calls() if "delete" in call]


FORWARD = """#!/bin/sh
echo "kubectl $*" >>"$CALLS"
case "$*" in
  *"get service"*"-o json"*) echo '{"spec":{"ports":[{"name":"websecure","port":443},{"name":"web","port":8000}]}}' ;;
  *port-forward*) exec sleep 60 ;;
esac
"""


@pytest.fixture
def doors(work: Workspace) -> Workspace:
    for name, text in (("kubectl", FORWARD), ("curl", "#!/bin/sh\nexit 0\n")):
        (work.folder / ".tools/bin" / name).write_text(text)
        (work.folder / ".tools/bin" / name).chmod(0o755)
    return work


def hear_interrupts() -> None:
    """A run in the background inherits that they are ignored, and no shell can take that back."""
    signal.signal(signal.SIGINT, signal.SIG_DFL)


def start(work: Workspace, *command: str, **environment: str) -> subprocess.Popen[str]:
    return subprocess.Popen(command, cwd=work.folder, env={**work.environment, **environment}, stdout=subprocess.PIPE,
                            stderr=subprocess.STDOUT, text=True, start_new_session=True, preexec_fn=hear_interrupts)


def until(condition, seconds: float = 30) -> None:
    end = time.monotonic() + seconds
    while not condition():
        assert time.monotonic() < end
        time.sleep(0.05)


def children(pid: int) -> list[str]:
    return subprocess.run(["pgrep", "-g", str(pid)], capture_output=True, text=True).stdout.split()


@pytest.mark.parametrize("end", [signal.SIGINT, signal.SIGTERM])
def test_the_doors_close_when_the_task_is_ended(end: signal.Signals, doors: Workspace) -> None:
    door = start(doors, "scripts/port-forward.sh", "ingress", CLUSTER="existing")
    until(lambda: len([call for call in doors.calls() if "port-forward" in call]) == 2)
    forwards = [call for call in doors.calls() if "port-forward" in call]
    assert "kubectl -n traefik port-forward --address 127.0.0.1 service/traefik 8080:8000" in forwards
    assert "kubectl -n cell-router port-forward --address 127.0.0.1 service/cell-router 9000:9000" in forwards
    assert door.stdout
    while "Ctrl-C" not in door.stdout.readline():
        pass
    door.send_signal(end)
    door.wait(20)
    until(lambda: not children(door.pid))
    assert not [call for call in doors.calls() if call.count("port-forward")][2:], "it starts none anew"


def test_a_port_that_is_taken_is_said_and_ends_it(doors: Workspace) -> None:
    program = doors.folder / ".tools/bin/kubectl"
    program.write_text(FORWARD.replace("exec sleep 60", 'echo "bind: address already in use" >&2; exit 1'))
    door = start(doors, "scripts/port-forward.sh", "grafana", CLUSTER="existing")
    out, _ = door.communicate(timeout=30)
    assert door.returncode != 0 and "port 3000 is in use" in out, out


def test_on_kind_the_gateway_is_at_8080_already(doors: Workspace) -> None:
    door = start(doors, "scripts/port-forward.sh", "ingress", CLUSTER="kind")
    until(lambda: any("port-forward" in call for call in doors.calls()))
    door.send_signal(signal.SIGINT)
    out, _ = door.communicate(timeout=30)
    assert "localhost:8080 is the gateway" in out
    assert not [call for call in doors.calls() if "port-forward" in call and "traefik" in call]


def test_a_core_install_of_argo_cd_has_no_door(doors: Workspace) -> None:
    program = doors.folder / ".tools/bin/kubectl"
    program.write_text(FORWARD.replace("case", 'case "$*" in *"get service argocd-server"*) exit 1 ;; esac\ncase', 1))
    ran = doors.run("scripts/port-forward.sh", "argocd", CLUSTER="existing")
    assert ran.status == 1 and "has no web interface" in ran.err


# --- troubleshoot ----------------------------------------------------------------------------


def pod(name: str, ready: bool, **status: object) -> dict:
    return {"metadata": {"name": name}, "status": {"phase": "Running", "conditions": [
        {"type": "Ready", "status": "True" if ready else "False", "message": "" if ready else "containers with unready status: [router]"}],
        "containerStatuses": [{"name": "router", "restartCount": 0, "state": {}}], **status}}


def test_troubleshoot_names_what_is_not_ready_and_what_was_restarted(work: Workspace) -> None:
    broken = pod("broken", False, containerStatuses=[{"name": "router", "restartCount": 0, "state": {"waiting": {"reason": "ErrImagePull"}}}])
    killed = pod("killed", True, containerStatuses=[{"name": "router", "restartCount": 3, "state": {},
                                                     "lastState": {"terminated": {"reason": "OOMKilled", "exitCode": 137}}}])
    work.stand_in("kubectl", ("-n cell-router get pods -o json", 0, json.dumps({"items": [broken, killed, pod("well", True)]})),
                  ("*get pods -o json", 0, '{"items":[]}'), ("*-o json", 0, '{"items":[]}'))
    ran = work.task("troubleshoot", "CLUSTER=existing")
    assert ran.status == 0, ran.text
    found = dict(re.findall(r"^== (.+)\n((?:(?!==).*\n)*)", ran.out, re.M))
    assert found["pods that are not ready"].strip() == \
        "cell-router/broken Running ErrImagePull; containers with unready status: [router]"
    assert found["containers that were restarted"].strip() == "cell-router/killed router: 3 times, last OOMKilled 137"
    assert "in Git:  cell-router:" in found["image"]


def test_troubleshoot_reads_only(work: Workspace) -> None:
    work.stand_in("kubectl", ("*-o json", 0, '{"items":[]}'))
    work.task("troubleshoot", "CLUSTER=existing")
    assert {call.split(" get ")[0].split(" logs ")[0].split(" version ")[0].split(" -n ")[0] for call in work.calls("kubectl")} == {"kubectl"}
    assert not [call for call in work.calls("kubectl") if "secret" in call.lower()]

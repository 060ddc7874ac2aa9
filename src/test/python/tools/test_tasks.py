"""The Taskfile: what it offers, that each task can start, and what it says when it cannot."""

import re

import pytest
import yaml

from workspace import ROOT, Workspace

PROMISED = ("deploy", "deploy-all-argocd", "deploy-without-argocd", "build-app", "deploy-argocd", "bootstrap-apps",
            "port-forward-argocd", "port-forward-ingress", "port-forward-grafana", "get-apps-status", "sync-all-apps", "status",
            "logs", "scale", "new-cell", "drain-cell", "override-cell", "secrets", "set-repo", "traffic", "e2e", "troubleshoot", "clean")
ARGUMENTS = {"scale": ["MIN=3"], "new-cell": ["ID=4"], "drain-cell": ["ID=2"], "override-cell": ["ID=2", "FOR=60", "REASON=why", "SHARE=50"], "clean": ["CONFIRM=yes"],
             "set-repo": ["URL=https://github.com/me/cell-router.git"]}
TASKS = {name: task for name, task in yaml.safe_load((ROOT / "Taskfile.yml").read_text())["tasks"].items() if not task.get("internal")}


def prepare(work: Workspace) -> Workspace:
    work.stand_in("kubectl", ("*application-controller*", 0, "statefulset/argocd-application-controller\n"))
    work.stand_in("curl")
    work.task("set-repo", "URL=https://127.0.0.1:1/cell-router.git")
    work.task("build-app")
    work.commit()
    return work


@pytest.fixture
def ready(work: Workspace) -> Workspace:
    """Everything that a task asks for is there."""
    return prepare(work)


@pytest.fixture(scope="module")
def shared(tmp_path_factory: pytest.TempPathFactory) -> Workspace:
    """The same, for tests that change nothing."""
    return prepare(Workspace.make(tmp_path_factory.mktemp("shared")))


@pytest.fixture(scope="module")
def listed(shared: Workspace) -> str:
    return shared.task("--list").out


@pytest.mark.parametrize("task", PROMISED)
def test_is_there_and_says_what_it_does(task: str, listed: str) -> None:
    assert task in TASKS
    assert re.search(rf"^\* {re.escape(task)}: +\S", listed, re.M), listed


@pytest.mark.parametrize("task", sorted(TASKS))
def test_can_be_run_dry(task: str, shared: Workspace) -> None:
    for cluster in ("kind", "existing"):
        ran = shared.task("--dry", task, f"CLUSTER={cluster}", *ARGUMENTS.get(task, []))
        assert ran.status == 0, ran.text
    # Dry: nothing but questions.
    assert not [call for call in shared.calls("kubectl") if re.search(r"apply|delete|create|annotate", call)]
    assert shared.changed() == set()


def test_every_script_that_a_task_names_is_there_and_runnable() -> None:
    text = (ROOT / "Taskfile.yml").read_text()
    for script in set(re.findall(r"scripts/[a-z0-9-]+\.sh", text)):
        assert (ROOT / script).stat().st_mode & 0o111, script


@pytest.mark.parametrize("script", sorted(file.name for file in (ROOT / "scripts").glob("*.sh") if file.name != "lib.sh"))
def test_every_script_explains_itself(script: str, shared: Workspace) -> None:
    before = shared.calls()
    # The workspace has a stand-in of this one.
    folder = ROOT if script == "build-image.sh" else shared.folder
    ran = shared.run(str(folder / "scripts" / script), "--help")
    assert ran.status == 0 and "Usage: " in ran.out, ran.text
    assert shared.calls() == before


NO_CLUSTER = ("version *", 1, "")
MISSING = [
    ("deploy", ["CLUSTER=moon"], "CLUSTER is kind or existing"),
    ("deploy", ["ENVIRONMENT=moon"], "kind, existing or production"),
    ("deploy", [], "task set-repo URL=…"),
    ("scale", [], "MIN"),
    ("new-cell", [], "ID"),
    ("drain-cell", [], "ID"),
    ("override-cell", ["ID=2", "FOR=60"], "REASON"),
    ("override-cell", ["ID=2", "FOR=60", "REASON=why", "SHARE=50"], "task secrets ROLE=admin"),
    ("secrets", ["ROLE=king"], "ROLE is client or admin"),
    ("set-repo", [], "URL"),
    ("clean", [], "CONFIRM=yes"),
    ("clean", ["CLUSTER=existing", "CONFIRM=no"], "this project's objects in the cluster"),
    ("traffic", ["URL=http://127.0.0.1:1"], "task port-forward-ingress in another terminal"),
]


@pytest.mark.parametrize("task, arguments, sentence", MISSING)
def test_says_what_is_missing(task: str, arguments: list[str], sentence: str, work: Workspace) -> None:
    ran = work.task(task, *arguments)
    assert ran.status != 0 and sentence in ran.text, ran.text
    assert not [call for call in work.calls() if re.search(r"apply|delete|create", call)]


@pytest.mark.parametrize("task", ["status", "logs", "port-forward-ingress", "get-apps-status", "secrets", "troubleshoot", "e2e"])
def test_says_that_no_cluster_answers(task: str, work: Workspace) -> None:
    work.stand_in("kubectl", NO_CLUSTER)
    ran = work.task(task)
    assert ran.status != 0 and "The cluster does not answer: task create-cluster" in ran.text, ran.text


@pytest.mark.parametrize("tool, task", [("kind", "create-cluster"), ("helm", "deploy-without-argocd"), ("kubeseal", "secrets"),
                                        ("kustomize", "scale"), ("yq", "drain-cell")])
def test_says_which_tool_is_missing_and_how_to_get_it(tool: str, task: str, work: Workspace) -> None:
    arguments = ARGUMENTS.get(task, [])
    ran = work.without(tool).task(task, *arguments)
    assert ran.status != 0 and tool in ran.text and "make install-dependencies" in ran.text, ran.text


def test_says_that_docker_does_not_run(work: Workspace) -> None:
    work.stand_in("docker", ("info*", 1, ""))
    assert "docker info must work" in work.task("create-cluster").text
    assert "docker info must work" in work.task("build-app").text


def test_argocd_gets_nothing_that_is_not_pushed(ready: Workspace) -> None:
    origin = ready.folder.parent / "origin.git"
    ready.git("init", "-q", "--bare", "-b", "main", str(origin))
    settings = ready.folder / "argocd" / "settings" / "repository.yaml"
    settings.write_text(settings.read_text().replace("https://127.0.0.1:1/cell-router.git", f"file://{origin}"))
    ready.commit()
    ready.git("push", "-q", str(origin), "main")
    assert ready.task("--dry", "bootstrap-apps").status == 0

    (ready.folder / "README.md").write_text("what Argo CD does not deploy does not matter\n")
    ready.commit()
    assert ready.task("--dry", "bootstrap-apps").status == 0

    ready.task("drain-cell", "ID=2")
    assert "commit and push them" in ready.task("--dry", "bootstrap-apps").text
    ready.commit()
    assert "commit and push them" in ready.task("--dry", "bootstrap-apps").text
    ready.git("push", "-q", str(origin), "main")
    assert ready.task("--dry", "bootstrap-apps").status == 0


def test_argocd_gets_no_other_image_than_that_of_the_sources(ready: Workspace) -> None:
    script = ready.folder / "scripts" / "build-image.sh"
    script.write_text(script.read_text().replace("0123456789ab", "fedcba987654"))
    assert "task build-app, then commit and push" in ready.task("--dry", "bootstrap-apps").text


def test_a_variable_of_the_task_goes_before_the_environment(work: Workspace) -> None:
    """Else CLUSTER=existing on the command line could reach the kind cluster, or worse the other way round."""
    work.task("scale", "MIN=4", "ENVIRONMENT=production", ENVIRONMENT="kind", CLUSTER="existing")
    assert work.changed() == {"manifests/overlays/production/router/kustomization.yaml"}


def test_a_task_for_the_laptop_never_uses_the_users_kubeconfig(work: Workspace) -> None:
    program = work.folder / ".tools" / "bin" / "kubectl"
    program.write_text('#!/bin/sh\necho "$KUBECONFIG"\n')
    command = ("scripts/with-cluster.sh", "kubectl")
    assert work.run(*command, KUBECONFIG="/mine").out.strip() == str(work.folder / ".tools" / "kubeconfig")
    assert work.run(*command, KUBECONFIG="/mine", CLUSTER="existing").out.strip() == "/mine"


def test_the_pages_name_only_tasks_that_exist() -> None:
    named: set[str] = set()
    for page in ("README.md", "docs/operations.md", "docs/gitops.md", "docs/deployment.md", "argocd/README.md", "CONTRIBUTING.md"):
        if (ROOT / page).exists():
            named |= set(re.findall(r"(?:`|^\s*|&& )task ([a-z][a-z-]+)", (ROOT / page).read_text(), re.M))
    assert named and named <= set(TASKS), named - set(TASKS)

"""The health check that makes waves wait, run by Lua 5.1 in a sandbox like Argo CD's."""

import copy
from pathlib import Path
from typing import Any

import pytest
import yaml
from lupa import lua51

ROOT = Path(__file__).resolve().parents[4]
CONFIG = ROOT / "argocd/install/config/argocd-cm.yaml"
MEMBER = "resource.customizations.health.argoproj.io_Application"

Application = dict[str, Any]


def script() -> str:
    return yaml.safe_load(CONFIG.read_text())["data"][MEMBER]


def health(application: Application) -> tuple[str, str]:
    """Status and message; Argo CD opens the base, table and a small os library only."""
    lua = lua51.LuaRuntime(unpack_returned_tuples=True)
    lua.execute("string = nil; io = nil; debug = nil; os = nil; getmetatable('').__index = nil")
    lua.globals().obj = table(lua, application)
    result = lua.execute(script())
    return result["status"], result["message"]


def table(lua: lua51.LuaRuntime, value: Any) -> Any:
    if isinstance(value, dict):
        return lua.table_from({key: table(lua, inner) for key, inner in value.items()})
    if isinstance(value, list):
        return lua.table_from([table(lua, inner) for inner in value])
    return value


def settled() -> Application:
    source = {
        "repoURL": "https://git.example.com/cells.git",
        "targetRevision": "main",
        "path": "manifests/overlays/kind/cells/1",
        "helm": {"valuesObject": {"args": ["--one", "--two"], "replicas": 2}},
    }
    return {
        "metadata": {"name": "cell-1"},
        "spec": {"source": source},
        "status": {
            "health": {"status": "Healthy"},
            "sync": {"status": "Synced", "comparedTo": {"source": copy.deepcopy(source)}},
            "operationState": {"phase": "Succeeded"},
        },
    }


def changed(*path_and_value: Any) -> Application:
    """The settled Application with the member at a path set; None removes it."""
    *path, last, value = path_and_value
    application = settled()
    inner: Any = application
    for step in path:
        inner = inner.setdefault(step, {}) if isinstance(inner, dict) else inner[step]
    if value is None:
        del inner[last]
    else:
        inner[last] = value
    return application


def test_synced_and_healthy_is_healthy() -> None:
    assert health(settled())[0] == "Healthy"


def test_synced_without_an_operation_is_healthy() -> None:
    assert health(changed("status", "operationState", None))[0] == "Healthy"


@pytest.mark.parametrize("status", ["Progressing", "Missing", "Suspended", "Unknown"])
def test_waits_for_what_is_not_healthy_yet(status: str) -> None:
    assert health(changed("status", "health", "status", status))[0] == "Progressing"


@pytest.mark.parametrize("status", ["OutOfSync", "Unknown"])
def test_waits_for_a_healthy_application_with_missing_objects(status: str) -> None:
    verdict, message = health(changed("status", "sync", "status", status))
    assert verdict == "Progressing"
    assert status in message


def test_degraded_is_degraded() -> None:
    application = changed("status", "health", {"status": "Degraded", "message": "a pod crashes"})
    assert health(application) == ("Degraded", "a pod crashes")


@pytest.mark.parametrize("member", ["health", "sync"])
def test_waits_while_part_of_the_status_is_absent(member: str) -> None:
    assert health(changed("status", member, None))[0] == "Progressing"


def test_waits_for_the_first_status() -> None:
    assert health(changed("status", None))[0] == "Progressing"


@pytest.mark.parametrize("phase", ["Running", "Terminating"])
def test_waits_for_the_end_of_an_operation(phase: str) -> None:
    assert health(changed("status", "operationState", {"phase": phase}))[0] == "Progressing"


def test_waits_for_an_operation_that_has_not_begun() -> None:
    assert health(changed("operation", {"sync": {}}))[0] == "Progressing"


@pytest.mark.parametrize("retries,verdict", [(1, "Progressing"), (2, "Progressing"), (3, "Degraded"), (7, "Degraded")])
def test_an_operation_that_fails_again_and_again_is_degraded(retries: int, verdict: str) -> None:
    operation = {"phase": "Running", "retryCount": retries, "message": "refused"}
    assert health(changed("status", "operationState", operation))[0] == verdict


@pytest.mark.parametrize("phase", ["Failed", "Error"])
def test_a_failed_operation_is_degraded_and_says_why(phase: str) -> None:
    application = changed("status", "operationState", {"phase": phase, "message": "no such kind"})
    application["status"]["sync"]["status"] = "OutOfSync"
    verdict, message = health(application)
    assert verdict == "Degraded"
    assert "no such kind" in message


def test_a_failed_operation_that_was_made_good_is_healthy() -> None:
    assert health(changed("status", "operationState", {"phase": "Failed"}))[0] == "Healthy"


@pytest.mark.parametrize("kind", ["ComparisonError", "InvalidSpecError"])
def test_what_cannot_be_rendered_is_degraded_and_says_why(kind: str) -> None:
    conditions = [{"type": "SharedResourceWarning"}, {"type": kind, "message": "no such path"}]
    assert health(changed("status", "conditions", conditions)) == ("Degraded", f"{kind}: no such path")


def test_a_warning_is_no_failure() -> None:
    assert health(changed("status", "conditions", [{"type": "OrphanedResourceWarning"}]))[0] == "Healthy"


def test_waits_while_it_is_being_deleted() -> None:
    assert health(changed("metadata", "deletionTimestamp", "2026-11-24T00:00:00Z"))[0] == "Progressing"


@pytest.mark.parametrize(
    "path",
    [
        ("targetRevision", "v2"),
        ("path", "elsewhere"),
        ("helm", "valuesObject", "replicas", 3),
        ("helm", "valuesObject", "args", ["--one"]),
        ("helm", "valuesObject", "more", True),
        ("helm", None),
    ],
)
def test_a_status_about_another_source_does_not_count(path: tuple[Any, ...]) -> None:
    assert health(changed("spec", "source", *path))[0] == "Progressing"


def test_a_status_about_other_sources_does_not_count() -> None:
    chart = {"repoURL": "https://charts.example.com", "chart": "traefik", "targetRevision": "1.0.0"}
    application = settled()
    del application["spec"]["source"], application["status"]["sync"]["comparedTo"]["source"]
    application["spec"]["sources"] = [chart]
    application["status"]["sync"]["comparedTo"]["sources"] = [chart]
    assert health(application)[0] == "Healthy"
    application["spec"]["sources"] = [chart, chart]
    assert health(application)[0] == "Progressing"

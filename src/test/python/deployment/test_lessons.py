"""Each lesson of docs/lessons.md is guarded by tests that exist; and the guards of those that fit nowhere else."""

import ast
import re

import pytest
import yaml
from alerts import rules
from offline.checks import CHECKS
from offline.kustomize import ROOT
from offline.repository import texts

ROWS = re.findall(r"^\| (\d+) \| (.+) \| (.+) \| (.+) \|$", (ROOT / "docs/lessons.md").read_text(), re.MULTILINE)


def missing(guard: str) -> str | None:
    """What of a test's name does not exist."""
    if held := re.fullmatch(r"holds\[(\w+)\]", guard):
        return None if held[1] in CHECKS else f"no check {held[1]}"
    path, separator, test = re.fullmatch(r"([\w./-]+)(::|#)(\w+)", guard).groups()
    if not (ROOT / path).is_file():
        return f"no file {path}"
    text = (ROOT / path).read_text()
    if separator == "#":
        found = re.search(rf"@(?:Test|ParameterizedTest)\b[^{{;]*\bvoid {test}\(", text)
    else:
        found = any(
            isinstance(n, ast.FunctionDef) and n.name == test and test.startswith("test_")
            for n in ast.walk(ast.parse(text))
        )
    return None if found else f"no test {test} in {path}"


def test_every_lesson_is_there() -> None:
    assert [int(row[0]) for row in ROWS] == list(range(1, 23))


@pytest.mark.parametrize(("number", "guards"), [(row[0], row[3]) for row in ROWS])
def test_its_guards_exist(number: str, guards: str) -> None:
    named = re.findall(r"`([^`]+)`", guards)
    assert named, f"lesson {number} names no test"
    assert [problem for guard in named if (problem := missing(guard))] == []


@pytest.mark.parametrize(
    "guard",
    [
        "holds[nothing_at_all]",
        "e2e/test_99_none.py::test_waves",
        "src/test/python/deployment/test_lessons.py::test_not_there",
        "src/test/python/deployment/test_lessons.py::missing",
        "src/test/java/io/cellrouter/RoutingTest.java#notThere",
    ],
)
def test_a_guard_that_is_not_there_is_noticed(guard: str) -> None:
    assert missing(guard)


def test_alerts_on_cpu_and_memory_look_at_the_limit() -> None:
    """A number of cores or bytes may lie beyond what the pod can ever use."""
    used = [rule for rule in rules() if re.search(r"container_(cpu_usage|memory_(working_set|usage|rss))", rule.expr)]
    assert len(used) >= 2
    for rule in used:
        assert re.search(
            r"/.*(container_spec_(memory_limit_bytes|cpu_quota)|container:(memory_limit_bytes|cpu_limit_cores))",
            rule.expr,
            re.DOTALL,
        ), rule.name


def test_no_health_check_is_a_decree() -> None:
    """Argo CD judges by its own rules, but for Applications, of which it has none."""
    data = yaml.safe_load((ROOT / "argocd/install/config/argocd-cm.yaml").read_text())["data"]
    judged = [key for key in data if key.startswith("resource.customizations")]
    judged = [key for key in judged if "health" in key or "health" in data[key]]
    assert judged == ["resource.customizations.health.argoproj.io_Application"]


def test_ci_runs_the_readmes_command() -> None:
    readme = (ROOT / "README.md").read_text()
    assert re.search(r"^\./build\.sh test +#", readme, re.MULTILINE)
    assert re.search(r'^ .*"\$root/build\.sh" test$', (ROOT / ".ci/run").read_text(), re.MULTILINE)
    workflows = [yaml.safe_load(f.read_text()) for f in (ROOT / ".github/workflows").glob("*.yml")]
    steps = [s for w in workflows for j in w["jobs"].values() for s in j.get("steps", []) if s.get("run") == ".ci/run"]
    assert len(steps) == 1
    assert not {"if", "continue-on-error"} & set(steps[0])


def test_no_test_is_switched_off() -> None:
    """A test may say what it needs and does not have here; where CI runs, a skipped test fails the run (.ci/run-test.sh)."""
    off = re.compile(
        r"@Disabled|@Ignore\b|pytest\.mark\.(?:skip|xfail)\b(?!if)|unittest\.skip\(|^\s*(?:#|//)\s*(?:@Test\b|def test_)",
        re.MULTILINE,
    )
    folders, own = ("src/test/", "e2e/", "bench/"), "src/test/python/deployment/test_lessons.py"
    found = [
        path
        for path, text in texts(".java", ".py").items()
        if path.startswith(folders) and path != own and off.search(text)
    ]
    assert found == []
    assert "a skipped test fails the run" in (ROOT / ".ci/run-test.sh").read_text()

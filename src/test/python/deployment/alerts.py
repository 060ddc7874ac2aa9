"""The alert rules as the tests see them, and promtool."""

import importlib.util
import os
import shutil
import subprocess
from collections.abc import Iterator
from dataclasses import dataclass
from functools import cache
from pathlib import Path
from types import ModuleType
from typing import Any

import pytest
import yaml
from metrics_used import ROOT

RULES = ROOT / "alert-rules"


@dataclass(frozen=True)
class Rule:
    """One alert or recording rule, and the file it stands in."""

    file: str
    body: dict[str, Any]

    @property
    def name(self) -> str:
        return str(self.body.get("alert") or self.body["record"])

    @property
    def expr(self) -> str:
        return str(self.body["expr"])

    @property
    def is_alert(self) -> bool:
        return "alert" in self.body

    def annotation(self, name: str) -> str:
        return str(self.body.get("annotations", {}).get(name, ""))


@cache
def extractor() -> ModuleType:
    """alert-rules/extract.py, which is no package."""
    spec = importlib.util.spec_from_file_location("extract", RULES / "extract.py")
    assert spec is not None and spec.loader is not None
    module = importlib.util.module_from_spec(spec)
    spec.loader.exec_module(module)
    return module


@cache
def rules() -> tuple[Rule, ...]:
    return tuple(
        Rule(file, body)
        for file, spec in extractor().rule_files().items()
        for group in spec["groups"]
        for body in group["rules"]
    )


def alerts() -> list[Rule]:
    return [rule for rule in rules() if rule.is_alert]


def scenario_files() -> list[str]:
    return sorted(path.name for path in (RULES / "tests").glob("*.yaml"))


def cases(file: str) -> Iterator[dict[str, Any]]:
    """Every alert_rule_test of a file, with the series of its scenario."""
    for scenario in yaml.safe_load((RULES / "tests" / file).read_text())["tests"]:
        for case in scenario.get("alert_rule_test", []):
            yield {**case, "scenario": scenario["name"], "series": scenario["input_series"]}


def promtool(*arguments: str, cwd: Path) -> "subprocess.CompletedProcess[str]":
    """Runs promtool; without one the test is skipped, but never where CI counts on it."""
    program = shutil.which("promtool")
    if program is None:
        if os.environ.get("CI") == "true":
            pytest.fail("promtool is missing (Debian: apt-get install prometheus)")
        pytest.skip("promtool is missing (Debian: apt-get install prometheus)")
    return subprocess.run([program, *arguments], cwd=cwd, capture_output=True, text=True, timeout=180, check=False)

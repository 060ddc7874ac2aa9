"""Do the promtool tests notice a rule that is wrong? Each mutant is one; all alerts of a file are bent at once.

A misspelt metric, and a threshold twice or half as high: the tests of each alert must turn red.
"""

import re
import shutil
from pathlib import Path

import pytest
import yaml
from alerts import Rule, alerts, extractor, promtool, scenario_files
from metrics_used import metric_names

THRESHOLD = re.compile(r"(?<=[<>] )\d+(?:\.\d+)?(?![\d.])")


def misspelt(expr: str, which: int) -> str | None:
    """The expression with its n-th metric's name misspelt."""
    names = sorted(metric_names(expr))
    return re.sub(rf"\b{re.escape(names[which])}\b", f"{names[which]}_x", expr) if which < len(names) else None


def rescaled(expr: str, which: int, factor: float) -> str | None:
    """The expression with its n-th threshold other than 0 multiplied."""
    found = [match for match in THRESHOLD.finditer(expr) if float(match[0]) != 0]
    if which >= len(found):
        return None
    number = found[which]
    return f"{expr[: number.start()]}{float(number[0]) * factor}{expr[number.end() :]}"


def bend(expr: str, kind: str, which: int) -> str | None:
    if kind == "misspelt":
        return misspelt(expr, which)
    return rescaled(expr, which, 2 if kind == "doubled" else 0.5)


def mutants() -> list[tuple[str, str, int]]:
    """File, kind and number of each mutation that changes at least one alert."""
    return sorted(
        {
            (rule.file, kind, which)
            for rule in alerts()
            for kind in ("misspelt", "doubled", "halved")
            for which in range(5)
            if bend(rule.expr, kind, which) is not None
        }
    )


def files_that_test(rule_file: str) -> list[str]:
    stem = rule_file.removesuffix(".yaml")
    return [file for file in scenario_files() if file.startswith(stem) and not file.startswith(f"{stem}-recording")]


@pytest.mark.parametrize(("file", "kind", "which"), mutants())
def test_notices(file: str, kind: str, which: int, tmp_path: Path) -> None:
    extractor().extract(tmp_path, with_tests=True)
    path = tmp_path / "rules" / file
    spec = yaml.safe_load(path.read_text())
    bent: list[Rule] = []
    for group in spec["groups"]:
        for body in group["rules"]:
            changed = bend(body["expr"], kind, which) if "alert" in body else None
            if changed is not None:
                body["expr"] = changed
                bent.append(Rule(file, body))
    path.write_text(yaml.safe_dump(spec))
    ran = promtool("test", "rules", *files_that_test(file), cwd=tmp_path / "tests")
    noticed = set(re.findall(r"alertname: (\w+)", ran.stdout + ran.stderr))
    assert {rule.name for rule in bent} <= noticed
    shutil.rmtree(tmp_path)

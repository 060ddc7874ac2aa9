"""Every expression of the dashboards and of the alert rules, ready to be put to any Prometheus.

What a run on loopback cannot have is on the list in ``exempt.yaml``. Some of that a cluster has: for the suite there,
``for_a_cluster()`` says what must have values on it.
"""

from __future__ import annotations

import json
import re
import sys
from collections.abc import Iterator
from dataclasses import dataclass
from fnmatch import fnmatchcase
from pathlib import Path
from typing import Any

import promql
import yaml

HERE = Path(__file__).resolve().parent
ROOT = HERE.parents[3]
DASHBOARDS = ROOT / "grafana-dashboards"
RULES = ROOT / "alert-rules"
EXEMPT = HERE / "exempt.yaml"

if str(HERE.parent / "deployment") not in sys.path:
    sys.path.append(str(HERE.parent / "deployment"))

from metrics_used import metric_names  # noqa: E402


@dataclass(frozen=True)
class Expression:
    source: str
    """Where it stands: a board and its panel, a file and its rule."""
    kind: str
    """panel, annotation, variable, alert or record."""
    text: str
    """With Grafana's variables filled in."""

    @property
    def parts(self) -> list[str]:
        return promql.parts(self.text)

    @property
    def metrics(self) -> set[str]:
        return metric_names(self.text)


@dataclass(frozen=True)
class Moment:
    """What Grafana knows when it fills in its own variables: the range shown, its step, the scrape interval."""

    range_s: int = 3600
    step_s: int = 15
    scrape_s: int = 15

    def values(self) -> dict[str, str]:
        rate = max(self.step_s + self.scrape_s, 4 * self.scrape_s)
        return {
            "__rate_interval": f"{rate}s",
            "__interval": f"{self.step_s}s",
            "__interval_ms": str(self.step_s * 1000),
            "__range": f"{self.range_s}s",
            "__range_s": str(self.range_s),
            "__range_ms": str(self.range_s * 1000),
        }


@dataclass(frozen=True)
class Exemption:
    metric: str
    """A name, or a pattern with *."""
    where: str
    """cluster: there it has values; nowhere: not in a healthy run of any kind."""
    reason: str

    def covers(self, metric: str) -> bool:
        return fnmatchcase(metric, self.metric)


def exemptions(path: Path = EXEMPT) -> list[Exemption]:
    return [Exemption(**each) for each in yaml.safe_load(path.read_text())]


def boards(folder: Path = DASHBOARDS) -> dict[str, dict[str, Any]]:
    return {path.stem: json.loads(path.read_text()) for path in sorted(folder.glob("*.json"))}


def panels(board: dict[str, Any]) -> Iterator[dict[str, Any]]:
    """Those that show something, in the order of the board."""
    for panel in board["panels"]:
        if panel["type"] == "row":
            yield from panel.get("panels", [])
        else:
            yield panel


def everything_selected(board: dict[str, Any]) -> dict[str, str]:
    """What All stands for, by variable."""
    return {v["name"]: v["allValue"] for v in board["templating"]["list"] if v["type"] == "query"}


def fill_in(text: str, values: dict[str, str]) -> str:
    """$name and ${name}, as Grafana does. A variable that does not exist is a mistake in the board."""

    def value(match: re.Match[str]) -> str:
        name = match[1] or match[2]
        if name.isdigit():  # of a regular expression
            return match[0]
        if name not in values:
            raise KeyError(f"${name} is no variable: {text}")
        return values[name]

    return re.sub(r"\$(?:\{(\w+)(?::\w+)?\}|(\w+))", value, text)


def of_boards(moment: Moment = Moment(), folder: Path = DASHBOARDS) -> Iterator[Expression]:
    for uid, board in boards(folder).items():
        values = moment.values() | everything_selected(board)
        for panel in panels(board):
            for target in panel["targets"]:
                yield Expression(f"{uid}.json / {panel['title']} [{target['refId']}]", "panel", fill_in(target["expr"], values))
        for annotation in board["annotations"]["list"]:
            if "expr" in annotation:
                yield Expression(f"{uid}.json / annotation {annotation['name']}", "annotation", fill_in(annotation["expr"], values))
        for variable in board["templating"]["list"]:
            if variable["type"] == "query":
                text = fill_in(variable["query"]["query"], values)
                yield Expression(f"{uid}.json / variable {variable['name']}", "variable", label_values(text))


def label_values(text: str) -> str:
    """Grafana's label_values(selector, label) as an expression that has a series for each value."""
    match = re.fullmatch(r"label_values\((.+), (\w+)\)", text)
    if not match:
        raise ValueError(f"not understood: {text}")
    selector, label = match[1], match[2]
    wanted = f'{label}!=""'
    selector = selector.replace("}", f",{wanted}}}") if "}" in selector else f"{selector}{{{wanted}}}"
    return f"count by ({label}) ({selector})"


def rule_groups(folder: Path = RULES) -> list[dict[str, Any]]:
    found: list[dict[str, Any]] = []
    for _, document in _rule_files(folder):
        found += document["spec"]["groups"]
    return found


def _rule_files(folder: Path) -> Iterator[tuple[str, dict[str, Any]]]:
    for path in sorted(folder.glob("*.yaml")):
        for document in yaml.safe_load_all(path.read_text()):
            if document and document.get("kind") == "PrometheusRule":
                yield path.name, document


def of_rules(folder: Path = RULES) -> Iterator[Expression]:
    for name, document in _rule_files(folder):
        for group in document["spec"]["groups"]:
            for rule in group["rules"]:
                kind = "alert" if "alert" in rule else "record"
                labels = ",".join(f"{k}={v}" for k, v in rule.get("labels", {}).items()) if kind == "record" else ""
                yield Expression(f"{name} / {rule[kind]}{{{labels}}}" if labels else f"{name} / {rule[kind]}", kind, rule["expr"].strip())


def every_expression(moment: Moment = Moment()) -> list[Expression]:
    return [*of_boards(moment), *of_rules()]


def for_a_cluster(moment: Moment = Moment()) -> list[tuple[str, str]]:
    """(source, expression): what reads series that only a cluster has, without those that not every cluster has."""
    exempt = exemptions()

    def reads(text: str, where: str) -> bool:
        return any(e.where == where and e.covers(metric) for e in exempt for metric in metric_names(text))

    return [(e.source, part) for e in every_expression(moment) for part in e.parts if reads(part, "cluster") and not reads(part, "nowhere")]

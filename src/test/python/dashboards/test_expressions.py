"""Every expression of every panel, variable, annotation and rule, put to a Prometheus that has watched a real run."""

from __future__ import annotations

import os
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest
from expressions import Exemption, Expression, Moment, boards, every_expression, exemptions, rule_groups
from PIL import Image
from prometheus import QueryFailed
from sheet import Sheet
from stand import SCRAPE_S, Stand, missing_programs

SECONDS = 36
MOMENT = Moment(range_s=SECONDS, step_s=1, scrape_s=SCRAPE_S)
EXEMPT = exemptions()


@pytest.fixture(scope="session")
def run(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Stand]:
    missing = missing_programs()
    if missing:
        text = "not here: " + ", ".join(missing)
        pytest.fail(text) if os.environ.get("CI") == "true" else pytest.skip(text)
    folder: Path = tmp_path_factory.mktemp("stand")
    with Stand(folder, rule_groups()) as stand:
        stand.run(SECONDS)
        yield stand


def without_values(run: Stand, expression: Expression) -> list[str]:
    """The parts that have not one finite value in the whole run."""
    found = []
    for part in expression.parts:
        series = run.prometheus.range(part, run.began, run.ended, MOMENT.step_s)
        if not any(each.finite for each in series):
            found.append(part)
    return found


def is_exempt(expression: Expression) -> bool:
    return any(e.covers(metric) for e in EXEMPT for metric in expression.metrics)


@pytest.mark.parametrize("expression", every_expression(MOMENT), ids=lambda e: e.source)
def test_has_values_or_is_on_the_list(run: Stand, expression: Expression) -> None:
    # The whole of it must be accepted, whether or not it has a value now.
    run.prometheus.instant(expression.text, run.ended)
    assert is_exempt(expression) or not without_values(run, expression)


@pytest.mark.parametrize("exemption", EXEMPT, ids=lambda e: e.metric)
def test_exemption_is_needed(run: Stand, exemption: Exemption) -> None:
    covered = [e for e in every_expression(MOMENT) if any(exemption.covers(metric) for metric in e.metrics)]
    assert any(without_values(run, e) for e in covered), f"{exemption.metric}: everything that reads it has values"


@pytest.mark.parametrize("uid, board", boards().items(), ids=list(boards()))
def test_every_panel_can_be_drawn(run: Stand, uid: str, board: dict[str, Any], tmp_path: Path) -> None:
    """As docs/dashboards.md shows it; the run has errors and refusals too, so no panel stays blank for lack of them."""
    sheet = Sheet(board, run.prometheus, run.began, run.ended, MOMENT, EXEMPT)
    sheet.draw(tmp_path / "sheet.png", "")
    with Image.open(tmp_path / "sheet.png") as drawn:
        assert drawn.width > 1500 and len(drawn.getcolors(1 << 20) or []) > 20
    assert {title: why for title, why in sheet.empty.items() if why != "only on a cluster"} == {}


def test_rules_are_evaluated_without_errors(run: Stand) -> None:
    groups = run.prometheus.get("rules")["groups"]
    rules = [rule for group in groups for rule in group["rules"]]
    assert len(rules) == sum(len(group["rules"]) for group in rule_groups())
    assert {rule["name"]: rule.get("lastError") for rule in rules if rule["health"] != "ok"} == {}


def test_a_mistyped_metric_is_found(run: Stand) -> None:
    broken = Expression("made up", "panel", "sum(rate(router_request_total[1m])) > 0")
    assert without_values(run, broken) == ["sum(rate(router_request_total{}[1m]))"]


def test_labels_that_never_match_are_found(run: Stand) -> None:
    broken = Expression("made up", "alert", "sum by (cell_id) (router_cell_up) > sum by (pod) (router_map_version)")
    assert len(without_values(run, broken)) == 1


def test_an_expression_that_is_none_is_refused(run: Stand) -> None:
    with pytest.raises(QueryFailed):
        run.prometheus.instant("sum by cell_id (up)")

"""The dashboards as files: valid for Grafana, complete, laid out without gaps in what they say, with links that lead somewhere."""

from __future__ import annotations

import json
import re
import subprocess
import sys
from collections import Counter
from functools import cache
from pathlib import Path
from typing import Any

import pytest
import yaml
from expressions import DASHBOARDS, ROOT, RULES, Moment, boards, every_expression, everything_selected, panels
from grafana_foundation_sdk.cog.encoder import JSONEncoder
from grafana_foundation_sdk.models.dashboard import Dashboard
from metrics_used import Catalogue, catalogue, problems

BOARDS = boards()
# Alerts, bookmarks and docs name them: a change breaks what nobody can grep for.
UIDS = {
    "golden-signals": "Golden signals",
    "cells": "Cells",
    "nginx-cells": "NGINX cells",
    "slo": "SLO and error budget",
    "jvm": "JVM and runtime",
}
UNITS = {"reqps", "percentunit", "s", "none", "bytes", "cps"}

# What the kit leaves to the data source and to the browser; Grafana's own exports have them.
BEYOND_THE_KIT = {"titleFormat", "textFormat", "step", "builtIn", "definition"}

of_boards = pytest.mark.parametrize("uid", sorted(BOARDS))


def of_panels() -> pytest.MarkDecorator:
    every = [(uid, panel) for uid, board in BOARDS.items() for panel in panels(board)]
    return pytest.mark.parametrize("uid, panel", every, ids=[f"{uid}-{panel['title']}" for uid, panel in every])


def test_uids_are_the_names_of_the_files_and_do_not_change() -> None:
    assert {board["uid"]: board["title"] for board in BOARDS.values()} == UIDS
    assert {uid: board["uid"] for uid, board in BOARDS.items()} == {uid: uid for uid in UIDS}


def test_files_are_what_the_source_makes_of_them() -> None:
    ran = subprocess.run([sys.executable, "-B", DASHBOARDS / "src" / "write.py", "--check"], capture_output=True, text=True)
    assert ran.returncode == 0, ran.stderr


@of_boards
def test_grafana_knows_every_member(uid: str) -> None:
    """Read into the types of Grafana's own kit and written again, nothing is lost: a mistyped member would be."""
    board = BOARDS[uid]
    again = json.loads(JSONEncoder(sort_keys=True).encode(Dashboard.from_json(board)))
    assert [path for path in lost(board, again) if path.rsplit("/", 1)[1] not in BEYOND_THE_KIT] == []
    assert board["schemaVersion"] >= 39
    assert "id" not in board, "an id of one Grafana means another board in the next"


def lost(given: Any, kept: Any, at: str = "") -> list[str]:
    if isinstance(given, dict):
        kept = kept if isinstance(kept, dict) else {}
        return [
            path
            for key, value in given.items()
            if value is not None
            for path in (lost(value, kept[key], f"{at}/{key}") if key in kept else [f"{at}/{key}"])
        ]
    if isinstance(given, list):
        same = isinstance(kept, list) and len(kept) == len(given)
        return [path for i, value in enumerate(given) for path in lost(value, kept[i], f"{at}/{i}")] if same else [at]
    return [] if given == kept else [at]


@of_boards
def test_panels_have_ids_and_titles_of_their_own(uid: str) -> None:
    ids = Counter(panel["id"] for panel in BOARDS[uid]["panels"])
    titles = Counter(panel["title"] for panel in panels(BOARDS[uid]))
    assert [value for counts in (ids, titles) for value, count in counts.items() if count > 1] == []


@of_boards
def test_no_panel_lies_on_another(uid: str) -> None:
    taken: dict[tuple[int, int], str] = {}
    for panel in BOARDS[uid]["panels"]:
        at = panel["gridPos"]
        assert at["x"] >= 0 and at["w"] > 0 and at["h"] > 0 and at["x"] + at["w"] <= 24, panel["title"]
        for x in range(at["x"], at["x"] + at["w"]):
            for y in range(at["y"], at["y"] + at["h"]):
                assert (x, y) not in taken, f"{panel['title']} lies on {taken[x, y]}"
                taken[x, y] = panel["title"]


@of_boards
def test_begins_with_a_row_of_single_numbers(uid: str) -> None:
    row, *first = BOARDS[uid]["panels"][:7]
    assert row["type"] == "row" and {panel["type"] for panel in first} == {"stat"}


@of_panels()
def test_panel_says_what_it_is(uid: str, panel: dict[str, Any]) -> None:
    assert len(panel["description"]) > 10 and panel["description"][0].isupper()
    assert panel["description"].rstrip().endswith((".", "?"))
    assert panel["fieldConfig"]["defaults"]["unit"] in UNITS
    assert panel["datasource"] == {"type": "prometheus", "uid": "${datasource}"}
    assert panel["targets"]
    assert all(target["datasource"] == panel["datasource"] for target in panel["targets"])


@of_panels()
def test_thresholds_rise(uid: str, panel: dict[str, Any]) -> None:
    if panel["type"] == "heatmap":
        return
    steps = panel["fieldConfig"]["defaults"].get("thresholds", {}).get("steps")
    if panel["type"] in ("stat", "timeseries"):
        assert steps
    values = [step["value"] for step in steps or [{"value": None}]]
    assert values[0] is None and values[1:] == sorted(values[1:])


@of_boards
def test_variables(uid: str) -> None:
    board = BOARDS[uid]
    variables = {variable["name"]: variable for variable in board["templating"]["list"]}
    assert variables["datasource"]["type"] == "datasource" and variables["datasource"]["query"] == "prometheus"
    for name in everything_selected(board):
        assert re.search(rf"\${{?{name}\b", json.dumps(board["panels"])), f"${name} does nothing"
        assert variables[name]["includeAll"] and variables[name]["datasource"]["uid"] == "${datasource}"


@pytest.mark.parametrize("expression", every_expression(Moment()), ids=lambda e: e.source)
def test_reads_only_series_that_exist(expression: Any) -> None:
    assert problems(expression.text, known()) == []


@cache
def known() -> Catalogue:
    return catalogue()


@of_boards
def test_links_to_every_other_board(uid: str) -> None:
    links = BOARDS[uid]["links"]
    assert {link["url"]: link["title"] for link in links} == {f"/d/{other}": title for other, title in UIDS.items() if other != uid}
    assert all(link["includeVars"] and link["keepTime"] for link in links)


def anchors(path: Path) -> set[str]:
    headings = re.findall(r"^#+ (.+)$", path.read_text(), re.M)
    return {re.sub(r"[^\w\- ]", "", heading.lower()).replace(" ", "-") for heading in headings}


@of_panels()
def test_links_to_runbooks_lead_somewhere(uid: str, panel: dict[str, Any]) -> None:
    for link in panel.get("links", []):
        match = re.fullmatch(r"\$\{repository:raw\}/blob/HEAD/([\w/.-]+)#([\w-]+)", link["url"])
        assert match, link["url"]
        assert match[2] in anchors(ROOT / match[1])


def alert_rules() -> list[dict[str, Any]]:
    documents = [yaml.safe_load(path.read_text()) for path in sorted(RULES.glob("*.yaml"))]
    rules = [rule for d in documents if d["kind"] == "PrometheusRule" for group in d["spec"]["groups"] for rule in group["rules"]]
    return [rule for rule in rules if "alert" in rule]


@pytest.mark.parametrize("rule", alert_rules(), ids=lambda rule: rule["alert"])
def test_alert_leads_to_a_panel_and_the_panel_to_the_runbook(rule: dict[str, Any]) -> None:
    """Somebody paged opens the alert's board: a panel there must be about it."""
    uid = rule["annotations"]["dashboard_url"].removeprefix("/d/").split("?")[0]
    links = [link for panel in panels(BOARDS[uid]) for link in panel.get("links", []) if link["title"] == f"Runbook: {rule['alert']}"]
    assert links, f"no panel of {uid} links to {rule['alert']}"
    tail = rule["annotations"]["runbook_url"].split("/alert-rules/")[1]
    assert all(link["url"].endswith("/alert-rules/" + tail) for link in links)


@of_boards
def test_shows_restarts_and_new_versions(uid: str) -> None:
    names = {annotation["name"] for annotation in BOARDS[uid]["annotations"]["list"]}
    assert {"Router starts", "New version", "Alerts"} <= names

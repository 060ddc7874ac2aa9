"""A dashboard: variables, links, annotations, and the rows laid out one below the other."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

from alerts import runbook
from panels import DATASOURCE, Json

BOARDS = {
    "golden-signals": "Golden signals",
    "cells": "Cells",
    "nginx-cells": "NGINX cells",
    "slo": "SLO and error budget",
    "jvm": "JVM and runtime",
}
"""The uids, which alerts and bookmarks refer to: never changed."""

TAG = "cell-router"
ROUTER = 'job="cell-router",namespace=~"$namespace"'


@dataclass(frozen=True)
class Row:
    title: str
    panels: list[Json]


def variable(name: str, label: str, query: str, *, everything: str = ".*", many: bool = True, hidden: bool = False) -> Json:
    """Values that Prometheus knows. All stands for a pattern that also matches the empty label."""
    return {
        "name": name,
        "label": label,
        "type": "query",
        "datasource": DATASOURCE,
        "query": {"query": query, "refId": f"variable-{name}"},
        "definition": query,
        "refresh": 2,
        "sort": 3,
        "multi": many,
        "includeAll": True,
        "allValue": everything,
        "current": {"selected": True, "text": ["All"] if many else "All", "value": ["$__all"] if many else "$__all"},
        "hide": 2 if hidden else 0,
        "options": [],
        "regex": "",
        "skipUrlSync": False,
    }


NAMESPACE = variable("namespace", "Namespace", "label_values(router_build_info, namespace)", everything=".+")
CELL = variable("cell", "Cell", 'label_values(router_cell_up{namespace=~"$namespace"}, cell_id)')
CLIENT = variable("client", "Client", 'label_values(router_requests_total{namespace=~"$namespace"}, client)')
POD = variable("pod", "Pod", 'label_values(router_build_info{namespace=~"$namespace"}, pod)')


def _repository() -> Json:
    """Where the runbooks are; the address is put in when the dashboards are delivered."""
    return {
        "query": "REPOSITORY",
        "name": "repository",
        "type": "constant",
        "hide": 2,
        "skipUrlSync": True,
        "label": "",
        "current": {},
        "options": [],
    }


def _datasource() -> Json:
    return {
        "name": "datasource",
        "label": "Data source",
        "type": "datasource",
        "query": "prometheus",
        "regex": "",
        "refresh": 1,
        "multi": False,
        "includeAll": False,
        "hide": 0,
        "options": [],
        "skipUrlSync": False,
        "current": {},
    }


def _annotation(name: str, expr: str, title: str, text: str, shade: str, *, shown: bool = True) -> Json:
    return {
        "name": name,
        "datasource": DATASOURCE,
        "enable": shown,
        "hide": False,
        "iconColor": shade,
        "expr": expr,
        "titleFormat": title,
        "textFormat": text,
        "step": "15s",
    }


def _annotations() -> list[Json]:
    built_in = {
        "builtIn": 1,
        "name": "Annotations & Alerts",
        "type": "dashboard",
        "datasource": {"type": "grafana", "uid": "-- Grafana --"},
        "enable": True,
        "hide": True,
        "iconColor": "rgba(0, 211, 255, 1)",
    }
    # Of all namespaces: not every board has that variable.
    router = 'job="cell-router"'
    version = f"count by (version) (router_build_info{{{router}}})"
    before = f"count by (version) (router_build_info{{{router}}} offset 5m)"
    return [
        built_in,
        # A region that lasts the first minute of a router's life: a restart, a new pod.
        _annotation("Router starts", f"(time() - process_start_time_seconds{{{router}}}) < 60", "Router started", "{{pod}}", "blue"),
        _annotation("New version", f"{version} unless {before}", "New version", "{{version}}", "purple"),
        _annotation(
            "Alerts",
            'max by (alertname, severity, cell_id) (ALERTS{alertstate="firing",component=~"router|cell|slo|platform"})',
            "{{alertname}}",
            "{{severity}} {{cell_id}}",
            "red",
            shown=False,
        ),
    ]


def dashboard(uid: str, description: str, variables: list[Json], rows: list[Row], *, since: str = "now-1h", refresh: str = "30s") -> Json:
    return {
        # First, and its first variable too: kustomization.yaml finds the value by counting quotes.
        "templating": {"list": [_repository(), _datasource(), *variables]},
        "uid": uid,
        "title": BOARDS[uid],
        "description": description,
        "tags": [TAG],
        "schemaVersion": 41,
        "version": 1,
        "editable": True,
        "graphTooltip": 1,
        "timezone": "browser",
        "time": {"from": since, "to": "now"},
        "refresh": refresh,
        "links": _links(uid),
        "annotations": {"list": _annotations()},
        "panels": _layout(rows),
    }


def _links(uid: str) -> list[Json]:
    """To the other boards, with the time range and what is selected."""
    return [
        {
            "title": title,
            "type": "link",
            "url": f"/d/{other}",
            "icon": "dashboard",
            "tooltip": "",
            "tags": [],
            "asDropdown": False,
            "includeVars": True,
            "keepTime": True,
            "targetBlank": False,
        }
        for other, title in BOARDS.items()
        if other != uid
    ]


def _layout(rows: list[Row]) -> list[Json]:
    """Left to right, then the next line; ids count by row, so that a new panel moves few of them."""
    placed: list[Json] = []
    y = 0
    for number, row in enumerate(rows):
        first_id = 100 * (number + 1)
        placed.append(
            {
                "type": "row",
                "id": first_id,
                "title": row.title,
                "collapsed": False,
                "panels": [],
                "gridPos": {"x": 0, "y": y, "w": 24, "h": 1},
            }
        )
        y += 1
        x = line_height = 0
        for i, panel in enumerate(row.panels, start=1):
            width, height = panel["gridPos"]["w"], panel["gridPos"]["h"]
            if x + width > 24:
                y += line_height
                x = line_height = 0
            placed.append(_finished(panel, first_id + i, {"x": x, "y": y, "w": width, "h": height}))
            x += width
            line_height = max(line_height, height)
        y += line_height
    return placed


def _finished(panel: dict[str, Any], number: int, position: Json) -> Json:
    rest = {k: v for k, v in panel.items() if k not in ("alerts", "gridPos")}
    links = [{"title": f"Runbook: {alert}", "url": runbook(alert), "targetBlank": True} for alert in panel["alerts"]]
    return {"id": number, "gridPos": position} | rest | ({"links": links} if links else {})

"""Panels: what all of one kind have in common. Sizes are in Grafana's grid of 24 columns."""

from __future__ import annotations

from typing import Any

Json = dict[str, Any]
Target = tuple[str, str]
"""An expression and the name of its series in the legend."""
Steps = list[tuple[float | None, str]]
"""Colours of a value, each from a bound on; the first has none."""

DATASOURCE: Json = {"type": "prometheus", "uid": "${datasource}"}
GREEN, YELLOW, RED, BLUE, ORANGE, PURPLE, GREY = "green", "yellow", "red", "blue", "orange", "purple", "#8e8e8e"

CELL_COLOURS = {"1": "blue", "2": "orange", "3": "purple", "unknown": "#6e6e6e"}
CLASS_COLOURS = {"2xx": GREEN, "3xx": BLUE, "4xx": YELLOW, "5xx": RED}
# Client errors pale, server errors hot.
STATUS_COLOURS = {
    "400": "light-yellow",
    "401": "light-purple",
    "403": PURPLE,
    "404": "light-blue",
    "415": BLUE,
    "422": YELLOW,
    "429": "dark-yellow",
    "500": "dark-red",
    "502": RED,
    "503": ORANGE,
    "504": "dark-orange",
}
RESULT_COLOURS = {"success": GREEN, "failure": RED, "budget": YELLOW}
QUANTILE_COLOURS = {"P50": "light-blue", "P95": BLUE, "P99": "dark-blue"}


def colour(name: str, value: str) -> Json:
    """The series of exactly this name has this colour, on every board."""
    return {"matcher": {"id": "byName", "options": name}, "properties": [{"id": "color", "value": {"mode": "fixed", "fixedColor": value}}]}


def fixed_colours(targets: list[Target]) -> list[Json]:
    """The overrides that these series can need."""
    legends = {legend for _, legend in targets}
    found = [colour(name, value) for name, value in QUANTILE_COLOURS.items() if name in legends]
    for legend, colours in {
        "{{class}}": CLASS_COLOURS,
        "{{status}}": STATUS_COLOURS,
        "{{result}}": RESULT_COLOURS,
        "{{outcome}}": RESULT_COLOURS,
    }.items():
        if legend in legends:
            found += [colour(name, value) for name, value in colours.items()]
    if "cell {{cell_id}}" in legends:
        found += [colour(f"cell {cell}", value) for cell, value in CELL_COLOURS.items()] + [NAMELESS_CELL]
    return found


# Requests that named no cell have an empty label.
NAMELESS_CELL: Json = {
    "matcher": {"id": "byRegexp", "options": "/^cell ?$/"},
    "properties": [{"id": "displayName", "value": "no cell"}, {"id": "color", "value": {"mode": "fixed", "fixedColor": GREY}}],
}


def _targets(targets: list[Target], *, instant: bool = False, form: str = "time_series") -> list[Json]:
    return [
        {
            "refId": chr(ord("A") + i),
            "datasource": DATASOURCE,
            "expr": expr,
            "legendFormat": legend,
            "format": form,
            "instant": instant,
            "range": not instant,
            "editorMode": "code",
        }
        for i, (expr, legend) in enumerate(targets)
    ]


def _thresholds(steps: Steps) -> Json:
    return {"mode": "absolute", "steps": [{"color": c, "value": v} for v, c in steps]}


def _panel(kind: str, title: str, description: str, size: tuple[int, int], unit: str, alerts: tuple[str, ...]) -> Json:
    return {
        "type": kind,
        "title": title,
        "description": description,
        "datasource": DATASOURCE,
        "gridPos": {"w": size[0], "h": size[1]},
        "fieldConfig": {"defaults": {"unit": unit}, "overrides": []},
        "options": {},
        "alerts": list(alerts),
    }


def stat(
    title: str,
    description: str,
    expr: str,
    *,
    unit: str,
    steps: Steps | None = None,
    decimals: int | None = None,
    none: str = "no data",
    mappings: dict[str, tuple[str, str]] | None = None,
    legend: str = "",
    name: bool = False,
    width: int = 4,
    alerts: tuple[str, ...] = (),
) -> Json:
    panel = _panel("stat", title, description, (width, 4), unit, alerts)
    defaults = panel["fieldConfig"]["defaults"]
    defaults |= {"color": {"mode": "thresholds"}, "thresholds": _thresholds(steps or [(None, BLUE)]), "noValue": none}
    if decimals is not None:
        defaults["decimals"] = decimals
    if mappings:
        defaults["mappings"] = [_mapping(mappings)]
    panel["options"] = {
        "colorMode": "value",
        "graphMode": "none" if name else "area",
        "justifyMode": "auto",
        "orientation": "auto",
        "reduceOptions": {"calcs": ["lastNotNull"], "fields": "", "values": False},
        "textMode": "name" if name else "value",
    }
    panel["targets"] = _targets([(expr, legend)], instant=name)
    return panel


def _mapping(mappings: dict[str, tuple[str, str]]) -> Json:
    return {
        "type": "value",
        "options": {value: {"text": text, "color": shade, "index": i} for i, (value, (text, shade)) in enumerate(mappings.items())},
    }


def graph(
    title: str,
    description: str,
    targets: list[Target],
    *,
    unit: str,
    stack: bool = False,
    steps: Steps | None = None,
    lowest: float | None = 0,
    highest: float | None = None,
    log: bool = False,
    decimals: int | None = None,
    none: str = "no data",
    width: int = 8,
    height: int = 8,
    alerts: tuple[str, ...] = (),
) -> Json:
    """Lines over time, or areas on top of each other; steps are drawn as dashed lines."""
    panel = _panel("timeseries", title, description, (width, height), unit, alerts)
    defaults = panel["fieldConfig"]["defaults"]
    defaults |= {
        # The same name has the same colour on every panel, in Grafana's choice too.
        "color": {"mode": "palette-classic-by-name"},
        "noValue": none,
        "thresholds": _thresholds(steps or [(None, GREEN)]),
        "custom": {
            "drawStyle": "line",
            "lineInterpolation": "linear",
            "lineWidth": 1 if stack else 2,
            "fillOpacity": 40 if stack else 0,
            "showPoints": "never",
            "spanNulls": False,
            "stacking": {"mode": "normal" if stack else "none", "group": "A"},
            "thresholdsStyle": {"mode": "dashed" if steps else "off"},
        },
    }
    if log:
        defaults["custom"]["scaleDistribution"] = {"type": "log", "log": 10}
    elif lowest is not None:
        defaults["min"] = lowest
    if highest is not None:
        defaults["max"] = highest
    if decimals is not None:
        defaults["decimals"] = decimals
    panel["fieldConfig"]["overrides"] = fixed_colours(targets)
    panel["options"] = {
        "legend": {"displayMode": "list", "placement": "bottom", "showLegend": True, "calcs": ["lastNotNull"]},
        "tooltip": {"mode": "multi", "sort": "desc"},
    }
    panel["targets"] = _targets(targets)
    return panel


def states(
    title: str,
    description: str,
    targets: list[Target],
    mappings: dict[str, tuple[str, str]],
    *,
    width: int = 12,
    height: int = 6,
    alerts: tuple[str, ...] = (),
) -> Json:
    """One bar a series, coloured by what each value means."""
    panel = _panel("state-timeline", title, description, (width, height), "none", alerts)
    panel["fieldConfig"]["defaults"] |= {
        "color": {"mode": "thresholds"},
        "thresholds": _thresholds([(None, GREY)]),
        "mappings": [_mapping(mappings)],
        "custom": {"fillOpacity": 80, "lineWidth": 0, "spanNulls": False},
    }
    panel["options"] = {
        "mergeValues": True,
        "showValue": "auto",
        "alignValue": "left",
        "rowHeight": 0.8,
        "legend": {"displayMode": "list", "placement": "bottom", "showLegend": True},
        "tooltip": {"mode": "single", "sort": "none"},
    }
    panel["targets"] = _targets(targets)
    return panel


def heatmap(title: str, description: str, expr: str, *, unit: str, width: int = 8, height: int = 8, alerts: tuple[str, ...] = ()) -> Json:
    """The buckets of a histogram over time; expr is their sum by (le)."""
    panel = _panel("heatmap", title, description, (width, height), unit, alerts)
    panel["fieldConfig"]["defaults"]["custom"] = {"scaleDistribution": {"type": "linear"}}
    panel["options"] = {
        "calculate": False,
        "cellGap": 1,
        "color": {
            "mode": "scheme",
            "scheme": "Spectral",
            "steps": 64,
            "reverse": True,
            "exponent": 0.5,
            "fill": "dark-orange",
            "scale": "exponential",
        },
        "filterValues": {"le": 1e-9},
        "legend": {"show": True},
        "rowsFrame": {"layout": "auto"},
        "showValue": "never",
        "tooltip": {"mode": "single", "yHistogram": False, "showColorScale": False},
        "yAxis": {"axisPlacement": "left", "reverse": False, "unit": unit},
    }
    panel["targets"] = _targets([(expr, "{{le}}")], form="heatmap")
    return panel


def table(
    title: str,
    description: str,
    targets: list[Target],
    columns: dict[str, str],
    *,
    unit: str,
    value: str | None = None,
    width: int = 12,
    height: int = 6,
    alerts: tuple[str, ...] = (),
) -> Json:
    """Labels as columns, in this order; the value too when it has a name."""
    panel = _panel("table", title, description, (width, height), unit, alerts)
    panel["options"] = {"showHeader": True, "cellHeight": "sm", "footer": {"show": False, "reducer": ["sum"], "fields": ""}}
    panel["targets"] = _targets(targets, instant=True, form="table")
    kept = columns | ({"Value": value} if value else {})
    panel["transformations"] = [
        {"id": "filterFieldsByName", "options": {"include": {"names": list(kept)}}},
        {"id": "organize", "options": {"indexByName": {n: i for i, n in enumerate(kept)}, "renameByName": kept, "excludeByName": {}}},
    ]
    return panel


def matrix(
    title: str,
    description: str,
    expr: str,
    rows: str,
    columns: str,
    order: tuple[str, ...],
    *,
    unit: str,
    steps: Steps,
    decimals: int,
    width: int = 12,
    height: int = 6,
) -> Json:
    """A row for each value of one label and a column for each of another, the cells coloured by their value."""
    panel = _panel("table", title, description, (width, height), unit, ())
    panel["fieldConfig"]["defaults"] |= {
        "decimals": decimals,
        "color": {"mode": "thresholds"},
        "thresholds": _thresholds(steps),
        "custom": {"cellOptions": {"type": "color-text"}},
    }
    panel["options"] = {"showHeader": True, "cellHeight": "sm", "footer": {"show": False, "reducer": ["sum"], "fields": ""}}
    panel["targets"] = _targets([(expr, "")], instant=True, form="table")
    # The name that Grafana gives to the first column.
    corner = f"{rows}\\{columns}"
    panel["transformations"] = [
        {"id": "groupingToMatrix", "options": {"rowField": rows, "columnField": columns, "valueField": "Value", "emptyValue": "null"}},
        {
            "id": "organize",
            "options": {
                "indexByName": {n: i for i, n in enumerate((corner, *order))},
                "renameByName": {corner: rows.capitalize()},
                "excludeByName": {},
            },
        },
    ]
    return panel

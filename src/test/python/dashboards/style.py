"""Names, colours and units as Grafana shows them, near enough to judge a board by."""

from __future__ import annotations

import math
import re
from typing import Any

PAGE, PANEL, BORDER, TEXT, FAINT, GRID = "#f4f5f5", "#ffffff", "#dcdee0", "#24292e", "#6a737b", "#ececed"
COLOURS = {
    "green": "#56a64b",
    "yellow": "#e0b400",
    "red": "#e02f44",
    "blue": "#3274d9",
    "light-blue": "#8ab8ff",
    "dark-blue": "#1f3f8f",
    "orange": "#ff780a",
    "purple": "#a352cc",
    "light-yellow": "#ffee52",
    "dark-yellow": "#b88700",
    "light-purple": "#ca95e5",
    "dark-red": "#8f1324",
    "dark-orange": "#b34700",
}
# By name, so that a series keeps its colour from panel to panel.
PALETTE = ["#3274d9", "#e0752d", "#56a64b", "#a352cc", "#e0b400", "#00a3a3", "#c4162a", "#806eb7", "#447ebc", "#b877d9", "#c15c17"]


def colour(name: str) -> str:
    return COLOURS.get(name, name)


def by_name(name: str, taken: set[str]) -> str:
    """By its letters' places, so that names that differ at their end differ; the next one when a panel has it already."""
    first = sum(i * ord(c) for i, c in enumerate(name, start=1))
    tries = [PALETTE[(first + i) % len(PALETTE)] for i in range(len(PALETTE))]
    return next((c for c in tries if c not in taken), tries[0])


def properties(panel: dict[str, Any], name: str) -> dict[str, Any]:
    """What the panel's overrides say about the series of this name."""
    found: dict[str, Any] = {}
    for override in panel["fieldConfig"]["overrides"]:
        matcher = override["matcher"]
        hit = matcher["options"] == name if matcher["id"] == "byName" else re.search(matcher["options"].strip("/"), name)
        if hit:
            found |= {p["id"]: p["value"] for p in override["properties"]}
    return found


def series_colour(panel: dict[str, Any], name: str, taken: set[str]) -> str:
    fixed = properties(panel, name).get("color", {}).get("fixedColor")
    return colour(fixed) if fixed else by_name(name, taken)


def shown_name(legend: str, labels: dict[str, str]) -> str:
    """The legend with its labels filled in; the name before an override renames it decides on the colour."""
    return re.sub(r"\{\{\s*(\w+)\s*\}\}", lambda m: labels.get(m[1], ""), legend)


def threshold_colour(panel: dict[str, Any], value: float) -> str:
    steps = panel["fieldConfig"]["defaults"]["thresholds"]["steps"]
    reached = [s["color"] for s in steps if s["value"] is None or value >= s["value"]]
    return colour(reached[-1])


def mapped(panel: dict[str, Any], value: float) -> tuple[str, str] | None:
    """Text and colour that a value stands for."""
    for mapping in panel["fieldConfig"]["defaults"].get("mappings", []):
        hit = mapping["options"].get(f"{value:g}")
        if hit:
            return hit["text"], colour(hit["color"])
    return None


def number(value: float, unit: str, decimals: int | None = None) -> str:
    if not math.isfinite(value):
        return "–"
    if unit == "percentunit":
        return f"{_round(value * 100, decimals)} %"
    if unit == "bytes":
        return _scaled(value, [(1 << 30, "GiB"), (1 << 20, "MiB"), (1 << 10, "KiB"), (1, "B")], decimals)
    if unit == "s":
        return _scaled(value, [(3600, "h"), (60, "min"), (1, "s"), (1e-3, "ms"), (1e-6, "µs")], decimals)
    suffix = {"reqps": " req/s", "cps": " c/s"}.get(unit, "")
    return _round(value, decimals) + suffix


def _scaled(value: float, steps: list[tuple[float, str]], decimals: int | None) -> str:
    if value == 0:
        return "0 " + ("s" if steps[-1][1] == "µs" else steps[-1][1])
    size, name = next(((size, name) for size, name in steps if abs(value) >= size * 0.9995), steps[-1])
    return f"{_round(value / size, decimals)} {name}"


def _round(value: float, decimals: int | None) -> str:
    if decimals is None:
        decimals = 0 if value == 0 or abs(value) >= 100 else 1 if abs(value) >= 10 else 2 if abs(value) >= 0.1 else 3
        text = f"{value:.{decimals}f}"
        return text.rstrip("0").rstrip(".") if "." in text else text
    return f"{value:.{decimals}f}"

"""One function a kind of panel: draws what Prometheus answered into the panel's box."""

from __future__ import annotations

import math
from dataclasses import dataclass
from typing import Any

import numpy as np
import style
from matplotlib.axes import Axes
from matplotlib.colors import LogNorm
from matplotlib.patches import Rectangle
from matplotlib.ticker import FuncFormatter, Locator, LogLocator, MaxNLocator, MultipleLocator
from prometheus import Series


@dataclass(frozen=True)
class Line:
    name: str
    colour: str
    times: np.ndarray
    values: np.ndarray
    labels: dict[str, str]

    @property
    def last(self) -> float:
        finite = self.values[np.isfinite(self.values)]
        return float(finite[-1]) if len(finite) else math.nan


def lines(panel: dict[str, Any], answers: list[list[Series]], began: float, grid: np.ndarray) -> list[Line]:
    """One a series, on a common grid of seconds since the begin; where there is no sample, there is no value."""
    found: list[Line] = []
    for target, series in zip(panel["targets"], answers):
        for each in sorted(series, key=lambda s: sorted(s.labels.items())):
            raw = style.shown_name(target["legendFormat"], each.labels)
            known = {round(t - began): v for t, v in each.points}
            values = np.array([known.get(round(t), math.nan) for t in grid])
            values[~np.isfinite(values)] = math.nan
            shown = style.properties(panel, raw).get("displayName", raw)
            shade = style.series_colour(panel, raw, {line.colour for line in found})
            found.append(Line(shown, shade, grid, values, each.labels))
    return sorted(found, key=lambda line: line.name)


def graph(axes: Axes, panel: dict[str, Any], shown: list[Line]) -> None:
    defaults = panel["fieldConfig"]["defaults"]
    custom, unit = defaults["custom"], defaults["unit"]
    log = custom.get("scaleDistribution", {}).get("type") == "log"
    if custom["stacking"]["mode"] == "normal":
        _stacked(axes, shown)
    else:
        for line in shown:
            axes.plot(line.times, line.values, color=line.colour, linewidth=1.4, solid_capstyle="round")
            if custom["fillOpacity"]:
                axes.fill_between(
                    line.times,
                    0 if not log else np.nanmin(line.values, initial=math.inf),
                    line.values,
                    color=line.colour,
                    alpha=custom["fillOpacity"] / 100,
                    linewidth=0,
                )
    if log:
        axes.set_yscale("log")
        axes.yaxis.set_major_locator(LogLocator(numticks=6))
        axes.yaxis.set_minor_formatter(FuncFormatter(lambda *_: ""))
    else:
        _limits(axes, defaults, shown)
        axes.yaxis.set_major_locator(_steps(axes, unit, defaults.get("decimals") == 0))
    if custom["thresholdsStyle"]["mode"] == "dashed":
        _thresholds(axes, defaults)
    axes.yaxis.set_major_formatter(FuncFormatter(lambda v, _: style.number(v, unit)))
    _time_axis(axes, shown[0].times)


def _steps(axes: Axes, unit: str, whole: bool) -> Locator:
    if unit == "bytes":
        return MultipleLocator(2.0 ** math.ceil(math.log2(max(axes.get_ylim()[1], 8) / 6)))
    return MaxNLocator(5, integer=unit == "none" and whole)


def _stacked(axes: Axes, shown: list[Line]) -> None:
    below = np.zeros_like(shown[0].values)
    nothing = np.all([np.isnan(line.values) for line in shown], axis=0)
    below[nothing] = math.nan
    for line in shown:
        top = below + np.nan_to_num(line.values)
        axes.fill_between(line.times, below, top, color=line.colour, alpha=0.45, linewidth=0)
        axes.plot(line.times, top, color=line.colour, linewidth=0.9)
        below = top


def _limits(axes: Axes, defaults: dict[str, Any], shown: list[Line]) -> None:
    low, high = axes.get_ylim()
    low = defaults.get("min", low)
    high = defaults.get("max", max(high, 0 if low < 0 else high))
    if not any(np.any(np.nan_to_num(line.values)) for line in shown):
        high = 1  # Nothing but zeros.
    axes.set_ylim(low, high + (high - low) * 0.02)


def _thresholds(axes: Axes, defaults: dict[str, Any]) -> None:
    low, high = axes.get_ylim()
    for step in defaults["thresholds"]["steps"]:
        # Grafana draws them only where the axis reaches them, too.
        if step["value"] is not None and low <= step["value"] <= high:
            axes.axhline(step["value"], color=style.colour(step["color"]), linewidth=1, linestyle=(0, (5, 4)))


def _time_axis(axes: Axes, times: np.ndarray) -> None:
    axes.set_xlim(times[0], times[-1])
    axes.xaxis.set_major_locator(MaxNLocator(6, integer=True))
    axes.xaxis.set_major_formatter(FuncFormatter(lambda t, _: f"{int(t) // 60}:{int(t) % 60:02d}"))


def states(axes: Axes, panel: dict[str, Any], shown: list[Line]) -> None:
    for row, line in enumerate(reversed(shown)):
        for t, value in zip(line.times, line.values):
            if math.isfinite(value):
                text = style.mapped(panel, value)
                axes.add_patch(Rectangle((t, row + 0.1), 1, 0.8, color=text[1] if text else style.FAINT, linewidth=0, alpha=0.85))
        last = style.mapped(panel, line.last) if math.isfinite(line.last) else None
        if last:
            axes.text(line.times[-1] - 0.5, row + 0.5, last[0], va="center", ha="right", fontsize=8, color="white")
    axes.set_ylim(0, len(shown))
    axes.set_yticks([i + 0.5 for i in range(len(shown))], [line.name for line in reversed(shown)])
    axes.grid(False)
    _time_axis(axes, shown[0].times)


def heatmap(axes: Axes, panel: dict[str, Any], shown: list[Line]) -> None:
    """From cumulative buckets to what is in each of them."""
    ordered = sorted(shown, key=lambda line: float(line.labels["le"]))
    counts = np.diff(np.vstack([np.zeros_like(ordered[0].values)] + [np.nan_to_num(line.values) for line in ordered]), axis=0)
    counts[counts <= 1e-9] = math.nan
    times = ordered[0].times
    if not np.all(np.isnan(counts)):
        axes.pcolormesh(np.append(times, times[-1] + 1), np.arange(len(ordered) + 1), counts, cmap="YlOrRd", norm=LogNorm(), linewidth=0)
    bounds = [float(line.labels["le"]) for line in ordered]
    every = max(1, len(ordered) // 6)
    ticks = range(every, len(ordered), every)
    axes.set_yticks(list(ticks), [style.number(bounds[i - 1], panel["options"]["yAxis"]["unit"]) for i in ticks])
    axes.grid(False)
    _time_axis(axes, times)


def spark(axes: Axes, panel: dict[str, Any], shown: list[Line]) -> None:
    """A stat: its last value over a faint area."""
    defaults = panel["fieldConfig"]["defaults"]
    axes.axis("off")
    if panel["options"]["textMode"] == "name":
        text, shade = ", ".join(line.name for line in shown), style.colour(defaults["thresholds"]["steps"][-1]["color"])
    else:
        line = shown[0]
        text, shade = style.number(line.last, defaults["unit"], defaults.get("decimals")), style.threshold_colour(panel, line.last)
        low, high = np.nanmin(line.values), np.nanmax(line.values)
        room = (high - low) or 1
        axes.fill_between(line.times, low - room * 0.15, line.values, color=shade, alpha=0.18, linewidth=0)
        axes.plot(line.times, line.values, color=shade, linewidth=1, alpha=0.6)
        axes.set_ylim(low - room * 0.15, low + room * 3)
        axes.set_xlim(line.times[0], line.times[-1])
    axes.text(
        0.5,
        0.62,
        text,
        transform=axes.transAxes,
        ha="center",
        va="center",
        fontsize=21 if len(text) < 9 else 17,
        color=shade,
        fontweight="bold",
    )


def table(axes: Axes, panel: dict[str, Any], answers: list[list[Series]]) -> None:
    arrange = _matrix if panel["transformations"][0]["id"] == "groupingToMatrix" else _columns
    head, rows = arrange(panel, [s for series in answers for s in series])
    axes.axis("off")
    axes.set_xlim(0, 1)
    # A line of text is about 0.2 inches.
    most = int(axes.get_window_extent().height / axes.figure.dpi / 0.21)
    for i, row in enumerate([[(name, style.FAINT) for name in head]] + rows[: most - 1]):
        for j, (text, shade) in enumerate(row):
            axes.text(
                0.01 + j / len(head),
                1 - (i + 0.6) / most,
                text,
                fontsize=8,
                color=shade,
                transform=axes.transAxes,
                va="center",
                fontweight="bold" if i == 0 else "normal",
            )


Cell = tuple[str, str]
"""Text and colour."""


def _columns(panel: dict[str, Any], series: list[Series]) -> tuple[list[str], list[list[Cell]]]:
    names: dict[str, str] = panel["transformations"][1]["options"]["renameByName"]
    unit = panel["fieldConfig"]["defaults"]["unit"]
    rows = [[(style.number(s.last, unit) if label == "Value" else s.labels.get(label, ""), style.TEXT) for label in names] for s in series]
    return list(names.values()), sorted(rows)


def _matrix(panel: dict[str, Any], series: list[Series]) -> tuple[list[str], list[list[Cell]]]:
    options = panel["transformations"][0]["options"]
    corner, *order = panel["transformations"][1]["options"]["indexByName"]
    defaults = panel["fieldConfig"]["defaults"]
    known = {(s.labels[options["rowField"]], s.labels[options["columnField"]]): s.last for s in series}

    def cell(row: str, column: str) -> Cell:
        value = known.get((row, column), math.nan)
        return (
            (style.number(value, defaults["unit"], defaults["decimals"]), style.threshold_colour(panel, value))
            if math.isfinite(value)
            else ("", style.TEXT)
        )

    rows = sorted({row for row, _ in known})
    return [panel["transformations"][1]["options"]["renameByName"][corner], *order], [
        [(row, style.TEXT)] + [cell(row, c) for c in order] for row in rows
    ]

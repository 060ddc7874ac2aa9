"""A board on one sheet: each panel where Grafana has it, with the series of a run."""

from __future__ import annotations

import math
from collections.abc import Callable
from io import BytesIO
from pathlib import Path
from typing import Any

import matplotlib

matplotlib.use("Agg")
import numpy as np  # noqa: E402
import plots  # noqa: E402
import style  # noqa: E402
from expressions import Exemption, Moment, everything_selected, fill_in, panels  # noqa: E402
from matplotlib.axes import Axes  # noqa: E402
from matplotlib.figure import Figure  # noqa: E402
from matplotlib.patches import FancyBboxPatch  # noqa: E402
from metrics_used import metric_names  # noqa: E402
from PIL import Image  # noqa: E402
from prometheus import Prometheus, Series  # noqa: E402

COLUMN_IN, ROW_IN, HEAD_IN, GAP_IN = 0.64, 0.345, 0.75, 0.05
DPI = 100
KINDS: dict[str, Callable[[Axes, dict[str, Any], list[plots.Line]], None]] = {
    "timeseries": plots.graph,
    "state-timeline": plots.states,
    "heatmap": plots.heatmap,
    "stat": plots.spark,
}


class Sheet:
    def __init__(
        self, board: dict[str, Any], prometheus: Prometheus, began: float, ended: float, moment: Moment, exempt: list[Exemption]
    ) -> None:
        self.board = board
        self.prometheus = prometheus
        self.began, self.ended = began, ended
        self.moment = moment
        self.exempt = exempt
        self.empty: dict[str, str] = {}
        """Panels that have nothing to show, and what they say instead."""
        self.values = moment.values() | everything_selected(board)
        self.grid = np.arange(0, math.floor(ended - began) + 1, moment.step_s, dtype=float)
        rows = max(p["gridPos"]["y"] + p["gridPos"]["h"] for p in board["panels"])
        self.width, self.height = 24 * COLUMN_IN + 0.2, rows * ROW_IN + HEAD_IN + 0.2
        self.figure = Figure(figsize=(self.width, self.height), dpi=DPI, facecolor=style.PAGE)

    def draw(self, path: Path, note: str) -> None:
        self._text(0.1, 0.32, self.board["title"], fontsize=17, fontweight="bold")
        self._text(0.1, 0.58, f"{self.board['description']}  {note}", fontsize=8.5, color=style.FAINT)
        for row in (p for p in self.board["panels"] if p["type"] == "row"):
            self._text(0.14, HEAD_IN + (row["gridPos"]["y"] + 0.7) * ROW_IN, row["title"], fontsize=10, fontweight="bold")
        for panel in panels(self.board):
            self._panel(panel)
        drawn = BytesIO()
        self.figure.savefig(drawn, format="png")
        # A quarter of the size, and nobody sees the difference.
        Image.open(drawn).convert("RGB").quantize(128, dither=Image.Dither.NONE).save(path, optimize=True)

    def _panel(self, panel: dict[str, Any]) -> None:
        at = panel["gridPos"]
        x, y = 0.1 + at["x"] * COLUMN_IN + GAP_IN, HEAD_IN + at["y"] * ROW_IN + GAP_IN
        width, height = at["w"] * COLUMN_IN - 2 * GAP_IN, at["h"] * ROW_IN - 2 * GAP_IN
        left, bottom = x / self.width, 1 - (y + height) / self.height
        self.figure.add_artist(
            FancyBboxPatch(
                (left, bottom),
                width / self.width,
                height / self.height,
                boxstyle="square,pad=0",
                transform=self.figure.transFigure,
                facecolor=style.PANEL,
                edgecolor=style.BORDER,
                linewidth=0.8,
                zorder=-1,
            )
        )
        self._text(x + 0.1, y + 0.19, panel["title"], fontsize=9, fontweight="bold")
        answers = self._ask(panel)
        if not any(each.finite for series in answers for each in series):
            self.empty[panel["title"]] = self._why_empty(panel)
            self._text(x + width / 2, y + height / 2, self.empty[panel["title"]], fontsize=9, color=style.FAINT, ha="center")
            return
        if panel["type"] == "stat":
            axes = self._axes(x + 0.02, y + 0.25, width - 0.04, height - 0.27)
            axes.set_facecolor("none")
            KINDS["stat"](axes, panel, self._lines(panel, answers))
        elif panel["type"] == "table":
            plots.table(self._axes(x + 0.1, y + 0.3, width - 0.2, height - 0.4), panel, answers)
        else:
            self._plot(panel, answers, x, y, width, height)

    def _plot(self, panel: dict[str, Any], answers: list[list[Series]], x: float, y: float, width: float, height: float) -> None:
        lines = self._lines(panel, answers)
        legend = panel["type"] == "timeseries"
        left = 0.95 if panel["type"] == "state-timeline" else 0.72
        below = 0.28 + (self._legend(panel, lines, x, y, width, height) if legend else 0.0)
        axes = self._axes(x + left, y + 0.36, width - left - 0.15, height - 0.36 - below)
        axes.grid(True, color=style.GRID, linewidth=0.7)
        axes.set_axisbelow(True)
        axes.tick_params(labelsize=7.5, colors=style.FAINT, length=0)
        for spine in axes.spines.values():
            spine.set_visible(False)
        KINDS[panel["type"]](axes, panel, lines)

    def _legend(self, panel: dict[str, Any], lines: list[plots.Line], x: float, y: float, width: float, height: float) -> float:
        """Names and last values, as many as fit into two lines; returns the height it took."""
        defaults = panel["fieldConfig"]["defaults"]
        entries = [(line, f"{line.name}  {style.number(line.last, defaults['unit'], defaults.get('decimals'))}") for line in lines]
        placed, column, row = [], 0.12, 0
        for line, text in entries:
            size = 0.2 + 0.066 * len(text)
            if column + size > width and column > 0.12:
                row, column = row + 1, 0.12
            placed.append((line, text, column, row))
            column += size + 0.08
        rows = min(row + 1, 2 if height < 3 else 3)
        for line, text, column, row in placed:
            if row < rows:
                top = y + height - 0.06 - (rows - row - 0.5) * 0.17
                self._text(x + column, top, "▬", fontsize=7, color=line.colour)
                self._text(x + column + 0.14, top, text, fontsize=7.2, color=style.TEXT)
        return rows * 0.17

    def _lines(self, panel: dict[str, Any], answers: list[list[Series]]) -> list[plots.Line]:
        return plots.lines(panel, answers, self.began, self.grid)

    def _ask(self, panel: dict[str, Any]) -> list[list[Series]]:
        return [
            self.prometheus.instant(self._expr(t), self.ended)
            if t["instant"]
            else self.prometheus.range(self._expr(t), self.began, self.ended, self.moment.step_s)
            for t in panel["targets"]
        ]

    def _expr(self, target: dict[str, Any]) -> str:
        return fill_in(target["expr"], self.values)

    def _why_empty(self, panel: dict[str, Any]) -> str:
        for target in panel["targets"]:
            for exemption in self.exempt:
                if any(exemption.covers(metric) for metric in metric_names(self._expr(target))):
                    return "only on a cluster" if exemption.where == "cluster" else "no data"
        return str(panel["fieldConfig"]["defaults"].get("noValue", "no data"))

    def _axes(self, x: float, y: float, width: float, height: float) -> Axes:
        return self.figure.add_axes((x / self.width, 1 - (y + height) / self.height, width / self.width, height / self.height))

    def _text(self, x: float, y: float, text: str, **how: Any) -> None:
        self.figure.text(x / self.width, 1 - y / self.height, text, va="center", **({"color": style.TEXT} | how))

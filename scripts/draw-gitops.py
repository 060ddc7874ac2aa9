#!/usr/bin/env python3
"""Draws docs/images/argocd-waves.svg and argocd-projects.svg from what kustomize makes of argocd/.

Usage: scripts/draw-gitops.py [--check]

--check changes nothing and fails when a picture is not what would be drawn. Needs PyYAML, and kustomize
in .tools/bin or on the PATH.
"""

import argparse
import os
import subprocess
import sys
from dataclasses import dataclass
from html import escape
from pathlib import Path
from typing import Any

import yaml

ROOT = Path(__file__).resolve().parents[1]
IMAGES = ROOT / "docs/images"
WAVE = "argocd.argoproj.io/sync-wave"
FONT = "-apple-system, 'Segoe UI', Roboto, 'DejaVu Sans', sans-serif"
ARROWHEAD = (
    '<marker id="a" viewBox="0 0 10 10" refX="9" refY="5" markerWidth="7" markerHeight="7" orient="auto">'
    '<path d="M0 0L10 5L0 10z" fill="#475569"/></marker>'
)
# Fill and stroke by project.
COLOURS = {
    "root": ("#ffffff", "#0f172a"),
    "platform": ("#e0f2fe", "#0284c7"),
    "controllers": ("#f1f5f9", "#64748b"),
    "monitoring": ("#fef3c7", "#d97706"),
    "cells": ("#dcfce7", "#16a34a"),
    "router": ("#ede9fe", "#7c3aed"),
}

Object = dict[str, Any]


@dataclass(frozen=True)
class App:
    name: str
    wave: int
    project: str
    source: str
    version: str
    everywhere: bool


def build(folder: str) -> list[Object]:
    path = f"{ROOT / '.tools/bin'}{os.pathsep}{os.environ.get('PATH', '')}"
    made = subprocess.run(
        ["kustomize", "build", str(ROOT / folder)],
        env={**os.environ, "PATH": path},
        check=True,
        capture_output=True,
        text=True,
    )
    return [item for item in yaml.safe_load_all(made.stdout) if item]


def apps() -> list[App]:
    everywhere = {item["metadata"]["name"] for item in build("argocd/environments/existing")}
    found = [app(item, everywhere) for item in build("argocd/environments/kind")]
    return sorted(found, key=lambda it: (it.wave, it.name))


def app(item: Object, everywhere: set[str]) -> App:
    source = item["spec"]["source"]
    own = item["metadata"]["labels"].get("cell-router.io/source") == "repository"
    return App(
        name=item["metadata"]["name"],
        wave=int(item["metadata"]["annotations"][WAVE]),
        project=item["spec"]["project"],
        source=source["path"] if own else source.get("chart", source["repoURL"].rsplit("/", 1)[-1]),
        version="" if own else source["targetRevision"],
        everywhere=item["metadata"]["name"] in everywhere,
    )


class Svg:
    def __init__(self, width: int, height: int, title: str) -> None:
        self.parts = [
            f'<svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 {width} {height}" font-family="{FONT}" font-size="13">',
            f"<title>{escape(title)}</title>",
            f"<defs>{ARROWHEAD}</defs>",
            f'<rect width="{width}" height="{height}" fill="#ffffff"/>',
        ]

    def box(self, x: int, y: int, w: int, h: int, project: str, dashed: bool = False) -> None:
        fill, stroke = COLOURS[project]
        dash = ' stroke-dasharray="5 4"' if dashed else ""
        self.parts.append(
            f'<rect x="{x}" y="{y}" width="{w}" height="{h}" rx="8" fill="{fill}" stroke="{stroke}" stroke-width="1.3"{dash}/>'
        )

    def text(self, x: int, y: int, words: str, size: int = 13, bold: bool = False, fill: str = "#0f172a", middle: bool = False) -> None:
        weight = ' font-weight="600"' if bold else ""
        anchor = ' text-anchor="middle"' if middle else ""
        self.parts.append(f'<text x="{x}" y="{y}" font-size="{size}" fill="{fill}"{weight}{anchor}>{escape(words)}</text>')

    def arrow(self, path: str) -> None:
        self.parts.append(f'<path d="{path}" fill="none" stroke="#475569" stroke-width="1.6" marker-end="url(#a)"/>')

    def done(self) -> str:
        return "\n".join([*self.parts, "</svg>", ""])


CARD_W, CARD_H, GAP_X, GAP_Y, LEFT, TOP = 150, 62, 34, 12, 24, 142


def short(source: str) -> str:
    return source.removeprefix("manifests/")


def waves(found: list[App]) -> str:
    columns = sorted({it.wave for it in found})
    tallest = max(sum(it.wave == wave for it in found) for wave in columns)
    width = LEFT * 2 + len(columns) * CARD_W + (len(columns) - 1) * GAP_X
    height = TOP + tallest * (CARD_H + GAP_Y) + 44
    svg = Svg(width, height, "The Applications that root makes, wave by wave")
    svg.box(LEFT, 18, 190, 50, "root")
    svg.text(LEFT + 95, 40, "root", bold=True, middle=True)
    svg.text(LEFT + 95, 57, "argocd/environments/…", size=11, middle=True)
    svg.text(
        LEFT + 216,
        40,
        "makes one Application a file, wave after wave; each wave waits until all of the one before",
        size=12,
        fill="#475569",
    )
    svg.text(LEFT + 216, 57, "are healthy and synced.", size=12, fill="#475569")
    svg.arrow(f"M{LEFT + 75} 68V{TOP - 32}")
    for number, wave in enumerate(columns):
        x = LEFT + number * (CARD_W + GAP_X)
        svg.text(x + CARD_W // 2, TOP - 14, f"wave {wave}", bold=True, fill="#475569", middle=True)
        if number:
            svg.arrow(f"M{x - GAP_X + 4} {TOP + CARD_H // 2}H{x - 4}")
        for row, it in enumerate(one for one in found if one.wave == wave):
            card(svg, it, x, TOP + row * (CARD_H + GAP_Y))
    legend(svg, found, height - 30)
    return svg.done()


def card(svg: Svg, it: App, x: int, y: int) -> None:
    svg.box(x, y, CARD_W, CARD_H, it.project, dashed=not it.everywhere)
    svg.text(x + 10, y + 22, it.name, bold=True)
    svg.text(x + 10, y + 39, short(it.source), size=10)
    svg.text(x + 10, y + 53, it.version or "this repository", size=10, fill="#475569")


def legend(svg: Svg, found: list[App], y: int) -> None:
    x = LEFT
    svg.text(x, y + 12, "Project:", size=11, fill="#475569")
    x += 54
    for project in dict.fromkeys(it.project for it in found):
        svg.box(x, y, 16, 16, project)
        svg.text(x + 22, y + 12, project, size=11)
        x += 36 + 8 * len(project)
    svg.box(x + 12, y, 16, 16, "controllers", dashed=True)
    svg.text(x + 36, y + 12, "dashed: not where CLUSTER=existing, the cluster has its own", size=11)


ROW_LINE, HEADS = 15, (("Project", 24), ("takes from", 150), ("deploys into", 470), ("of the cluster", 640), ("in a namespace", 850))


def projects(found: list[Object]) -> str:
    rows = [row(item) for item in found]
    heights = [20 + ROW_LINE * max(len(cell) for cell in cells) for _, cells in rows]
    svg = Svg(1080, 54 + sum(heights) + 6 * len(rows), "What each project may take, and where it may put it")
    for head, x in HEADS:
        svg.text(x + (10 if x == 24 else 0), 32, head, size=12, bold=True, fill="#475569")
    y = 46
    for (name, cells), height in zip(rows, heights, strict=True):
        svg.box(24, y, 1032, height, name)
        svg.text(34, y + 22, name, bold=True)
        for (_, x), cell in zip(HEADS[1:], cells, strict=True):
            for number, line in enumerate(cell):
                svg.text(x, y + 21 + ROW_LINE * number, line, size=11)
        y += height + 6
    return svg.done()


def row(item: Object) -> tuple[str, list[list[str]]]:
    spec = item["spec"]
    own = item["metadata"]["labels"].get("cell-router.io/source") == "repository"
    sources = [repo.removeprefix("https://") for repo in spec["sourceRepos"]]
    if own:
        sources[0] = "this repository"
    namespaces = [place["namespace"].replace("!", "not ") for place in spec["destinations"]]
    return item["metadata"]["name"], [
        sources,
        namespaces,
        kinds(spec["clusterResourceWhitelist"]),
        kinds(spec["namespaceResourceWhitelist"]),
    ]


def kinds(allowed: list[Object]) -> list[str]:
    """As many to a line as fit into a column."""
    lines = [""]
    for name in [entry["kind"] for entry in allowed] or ["nothing"]:
        if lines[-1] and len(lines[-1]) + len(name) > 30:
            lines.append("")
        lines[-1] += (", " if lines[-1] else "") + name
    return lines


def pictures() -> dict[Path, str]:
    fence = [item for item in build("argocd/bootstrap/existing") if item["kind"] == "AppProject"]
    order = list(COLOURS)
    fence.sort(key=lambda item: order.index(item["metadata"]["name"]))
    return {
        IMAGES / "argocd-waves.svg": waves(apps()),
        IMAGES / "argocd-projects.svg": projects(fence),
    }


def main() -> int:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--check", action="store_true", help="fail when a picture is out of date")
    check = parser.parse_args().check
    stale = 0
    for path, drawn in pictures().items():
        if path.exists() and path.read_text() == drawn:
            continue
        if check:
            print(f"{path.relative_to(ROOT)} is out of date: scripts/draw-gitops.py", file=sys.stderr)
            stale += 1
        else:
            path.write_text(drawn)
            print(f"drew {path.relative_to(ROOT)}")
    return 1 if stale else 0


if __name__ == "__main__":
    sys.exit(main())

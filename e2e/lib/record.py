"""docs/e2e.md, from a run."""

import json
import os
from dataclasses import dataclass
from datetime import date
from itertools import groupby
from pathlib import Path

from .command import run
from .kubectl import Kubectl
from .settings import ROOT

PAGE = ROOT / "docs" / "e2e.md"
HEAD = """# The suite on a real cluster

Written by `e2e/run --record`; what the suite is and how to run it: [e2e/README.md](../e2e/README.md). Times include what a step prepares.

{when}, commit `{commit}`: Kubernetes {version}, {nodes}, {cores} cores. {passed} of {total} cases passed in {minutes}.
"""
TABLE = """
## {title}

| Step | Cases | Took | Seen |
|---|---|---|---|
"""


@dataclass
class Case:
    """One test, or one case of it."""

    file: str
    title: str  # of the file
    sentence: str
    case: str = ""
    outcome: str = "passed"
    seconds: float = 0.0
    seen: str = ""


def escape(text: str) -> str:
    return text.replace("|", "\\|").replace("\n", " ")


def duration(seconds: float) -> str:
    return f"{int(seconds) // 60} min {int(seconds) % 60} s"


def row(cases: list[Case]) -> str:
    wrong = "; ".join(f"**{each.outcome}** {each.case}".strip() for each in cases if each.outcome != "passed")
    seen = "; ".join(f"{each.case}: {each.seen}" if each.case else each.seen for each in cases if each.seen)
    told = "; ".join(text for text in (wrong, seen) if text)
    return f"| {escape(cases[0].sentence)} | {len(cases)} | {sum(each.seconds for each in cases):.1f} s | {escape(told)} |\n"


def page(cases: list[Case], seconds: float, version: str, nodes: int, commit: str, when: date) -> str:
    text = HEAD.format(when=when.isoformat(), version=version, nodes="one node" if nodes == 1 else f"{nodes} nodes", cores=os.cpu_count(),
                       commit=commit, passed=sum(each.outcome == "passed" for each in cases), total=len(cases), minutes=duration(seconds))
    for _, of_file in groupby(cases, key=lambda each: each.file):
        steps = [list(group) for _, group in groupby(of_file, key=lambda each: each.sentence)]
        text += TABLE.format(title=steps[0][0].title) + "".join(row(step) for step in steps)
    return text


def commit() -> str:
    return run("git", "rev-parse", "--short=12", "HEAD", cwd=ROOT).strip()


def write(cases: list[Case], seconds: float, kubectl: Kubectl, began_at: str, target: Path = PAGE) -> None:
    version = json.loads(kubectl("version", "-o", "json"))["serverVersion"]["gitVersion"]
    target.write_text(page(cases, seconds, version, len(kubectl.list("nodes")), began_at, date.today()))

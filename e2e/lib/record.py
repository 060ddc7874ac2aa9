"""docs/e2e.md, from a run."""

import json
import os
from dataclasses import dataclass
from datetime import date
from pathlib import Path

from .command import run
from .kubectl import Kubectl
from .settings import ROOT

PAGE = ROOT / "docs" / "e2e.md"
HEAD = """# The suite on a real cluster

Written by `e2e/run --record`; what the suite is and how to run it: [e2e/README.md](../e2e/README.md).

{when}: Kubernetes {version}, {nodes}, {cores} cores; commit `{commit}`. {passed} of {total} steps passed in {minutes}.

| Step | Took | Seen |
|---|---|---|
"""


@dataclass(frozen=True)
class Step:
    file: str
    sentence: str
    outcome: str
    seconds: float
    seen: str = ""

    def row(self) -> str:
        outcome = "" if self.outcome == "passed" else f"**{self.outcome}** "
        return f"| {escape(self.sentence)} | {self.seconds:.1f} s | {outcome}{escape(self.seen)} |\n"


def escape(text: str) -> str:
    return text.replace("|", "\\|").replace("\n", " ")


def duration(seconds: float) -> str:
    return f"{int(seconds) // 60} min {int(seconds) % 60} s"


def page(steps: list[Step], seconds: float, version: str, nodes: int, commit: str, when: date) -> str:
    head = HEAD.format(when=when.isoformat(), version=version, nodes="one node" if nodes == 1 else f"{nodes} nodes", cores=os.cpu_count(),
                       commit=commit, passed=sum(each.outcome == "passed" for each in steps), total=len(steps), minutes=duration(seconds))
    return head + "".join(each.row() for each in steps)


def write(steps: list[Step], seconds: float, kubectl: Kubectl, target: Path = PAGE) -> None:
    version = json.loads(kubectl("version", "-o", "json"))["serverVersion"]["gitVersion"]
    commit = run("git", "rev-parse", "--short=12", "HEAD", cwd=ROOT).strip()
    target.write_text(page(steps, seconds, version, len(kubectl.list("nodes")), commit, date.today()))

"""Findings of a linter, less those that are argued away in its exceptions file."""

from collections.abc import Iterable
from dataclasses import dataclass
from fnmatch import fnmatchcase
from pathlib import Path

import yaml

HERE = Path(__file__).resolve().parents[1]


@dataclass(frozen=True, order=True)
class Finding:
    environment: str
    object: str
    check: str
    text: str


@dataclass(frozen=True)
class Exceptions:
    entries: list[dict]

    @classmethod
    def of(cls, linter: str) -> "Exceptions":
        return cls(yaml.safe_load((HERE / f"{linter}.exceptions.yaml").read_text()))

    def left(self, findings: Iterable[Finding]) -> list[Finding]:
        return sorted(f for f in findings if not any(_covers(e, f) for e in self.entries))

    def unused(self, findings: Iterable[Finding]) -> list[str]:
        known = list(findings)
        return [e["check"] for e in self.entries if not any(_covers(e, f) for f in known)]

    def unargued(self) -> list[str]:
        return [e["check"] for e in self.entries if len(e.get("reason", "").split()) < 5]


def _covers(entry: dict, finding: Finding) -> bool:
    return (
        entry["check"] == finding.check
        and fnmatchcase(finding.object, entry["objects"])
        and finding.environment in entry.get("environments", [finding.environment])
    )

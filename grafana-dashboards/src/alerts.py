"""Where the runbook of an alert is: the rules say so themselves."""

from __future__ import annotations

from functools import cache
from pathlib import Path

import yaml

RULES = Path(__file__).resolve().parents[2] / "alert-rules"


@cache
def runbooks() -> dict[str, str]:
    found: dict[str, str] = {}
    for file in sorted(RULES.glob("*.yaml")):
        for document in yaml.safe_load_all(file.read_text()):
            if not document or document.get("kind") != "PrometheusRule":
                continue
            for group in document["spec"]["groups"]:
                for rule in group["rules"]:
                    if "alert" in rule:
                        found[rule["alert"]] = rule["annotations"]["runbook_url"]
    return found


def runbook(alert: str) -> str:
    """On the repository's main branch, at an address that a variable of the board holds: raw, since it is a part of another one."""
    return runbooks()[alert].replace("REPOSITORY/blob/main/", "${repository:raw}/blob/HEAD/")

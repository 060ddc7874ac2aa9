#!/usr/bin/env python3
"""Writes the rules as Prometheus and promtool read them: what stands under `spec` of each PrometheusRule here.

    alert-rules/extract.py FOLDER            FOLDER/rules/*.yaml
    alert-rules/extract.py --tests FOLDER    also FOLDER/tests/*.yaml, for `promtool test rules`

With --tests the alerts keep only the annotations that the tests spell out, summary and description; that the links
lead somewhere is another test's matter.
"""

import argparse
import shutil
from pathlib import Path
from typing import Any

import yaml

HERE = Path(__file__).resolve().parent
SPELT_OUT = {"summary", "description"}


def rule_files(folder: Path = HERE) -> dict[str, dict[str, Any]]:
    """The spec of each PrometheusRule, by the name of its file."""
    found = {}
    for path in sorted(folder.glob("*.yaml")):
        document = yaml.safe_load(path.read_text())
        if document["kind"] == "PrometheusRule":
            found[path.name] = document["spec"]
    return found


def only_spelt_out(spec: dict[str, Any]) -> dict[str, Any]:
    """The spec with no other annotations than those that the tests expect."""
    for group in spec["groups"]:
        for rule in group["rules"]:
            if "annotations" in rule:
                rule["annotations"] = {k: v for k, v in rule["annotations"].items() if k in SPELT_OUT}
    return spec


def extract(target: Path, with_tests: bool = False) -> Path:
    """Writes the rules below ``target`` and returns their folder."""
    rules = target / "rules"
    rules.mkdir(parents=True, exist_ok=True)
    for name, spec in rule_files().items():
        shown = only_spelt_out(spec) if with_tests else spec
        (rules / name).write_text(yaml.safe_dump(shown, sort_keys=False, width=1000))
    if with_tests:
        shutil.copytree(HERE / "tests", target / "tests", dirs_exist_ok=True)
    return rules


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--tests", action="store_true", help="with the tests, for promtool test rules")
    parser.add_argument("folder", type=Path)
    arguments = parser.parse_args()
    print(extract(arguments.folder, arguments.tests))


if __name__ == "__main__":
    main()

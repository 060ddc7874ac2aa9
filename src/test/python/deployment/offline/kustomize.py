"""Renders kustomizations with the pinned kustomize, each folder once a session."""

import copy
import functools
import os
import shutil
import subprocess
from pathlib import Path

import yaml

from .objects import Object

ROOT = Path(__file__).resolve().parents[5]


class Broken(Exception):
    """kustomize refused to build; the text is what it said."""


def tool(name: str) -> str:
    """A tool that the project pins, from .tools/bin, or else from the PATH."""
    own = ROOT / ".tools" / "bin" / name
    found = str(own) if own.is_file() else shutil.which(name)
    if not found:
        raise FileNotFoundError(f"{name} is missing: scripts/install-dependencies.sh --for-tests")
    return found


def build_text(folder: Path) -> str:
    done = subprocess.run([tool("kustomize"), "build", os.fspath(folder)], capture_output=True, text=True, check=False)
    if done.returncode != 0:
        raise Broken(f"{folder}: {done.stderr.strip()}")
    return done.stdout


def parse(text: str) -> list[Object]:
    return [o for o in yaml.load_all(text, Loader=getattr(yaml, "CSafeLoader", yaml.SafeLoader)) if o]


@functools.cache
def _built(folder: Path) -> list[Object]:
    return parse(build_text(folder))


def build(folder: Path) -> list[Object]:
    """The objects of a folder; a copy, which a caller may change."""
    return copy.deepcopy(_built(folder.resolve()))


def kustomizations(root: Path = ROOT) -> list[Path]:
    """Every folder of the repository that kustomize builds by itself: Components need one that uses them."""
    found = []
    for top in ("manifests", "argocd", "alert-rules", "grafana-dashboards"):
        for file in sorted((root / top).rglob("kustomization.yaml")):
            if parse(file.read_text())[0].get("kind") != "Component":
                found.append(file.parent)
    return found

"""argocd/ as kustomize makes it, from the repository or from a changed copy of it."""

import os
import subprocess
from pathlib import Path
from typing import Any

import yaml

ROOT = Path(__file__).resolve().parents[4]
ARGOCD = ROOT / "argocd"
ENVIRONMENTS = ["kind", "existing", "production"]
OWN = "cell-router.io/source"

Object = dict[str, Any]


def build(folder: Path) -> list[Object]:
    path = f"{ROOT / '.tools/bin'}{os.pathsep}{os.environ['PATH']}"
    made = subprocess.run(["kustomize", "build", str(folder)], env={**os.environ, "PATH": path}, check=True, capture_output=True, text=True)
    return [item for item in yaml.safe_load_all(made.stdout) if item]


def environment(name: str, argocd: Path = ARGOCD) -> dict[str, Object]:
    """The Applications that root makes, by name."""
    return {item["metadata"]["name"]: item for item in build(argocd / "environments" / name)}


def bootstrap(name: str, argocd: Path = ARGOCD) -> list[Object]:
    return build(argocd / "bootstrap" / name)


def is_own(item: Object) -> bool:
    return item["metadata"]["labels"].get(OWN) == "repository"

"""The files of the repository, as the next commit would have them."""

import functools
import subprocess
from pathlib import Path

from .kustomize import ROOT


@functools.cache
def files() -> list[Path]:
    """Tracked and new ones, those that are ignored left out."""
    command = ["git", "-C", str(ROOT), "ls-files", "--cached", "--others", "--exclude-standard", "-z"]
    listed = subprocess.run(command, capture_output=True, text=True, check=True).stdout.split("\0")
    return sorted(ROOT / name for name in set(listed) if name and (ROOT / name).is_file())


def texts(*suffixes: str) -> dict[str, str]:
    """Path and text of the files with these endings, or of all that are text."""
    found = {}
    for file in files():
        if suffixes and not file.name.endswith(suffixes):
            continue
        try:
            found[str(file.relative_to(ROOT))] = file.read_text()
        except UnicodeDecodeError:
            continue
    return found

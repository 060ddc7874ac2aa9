"""The same sources give the same layers: from another folder, at another time, without any cache."""

from __future__ import annotations

import json
import shutil
import subprocess
from pathlib import Path

from image_docker import ROOT, docker


def layers(image: str) -> list[str]:
    return json.loads(docker("image", "inspect", image))[0]["RootFS"]["Layers"]


def copy_sources(to: Path) -> None:
    """What Git knows and what it would add, each file with the time of the copy."""
    listed = ("git", "ls-files", "-z", "--cached", "--others", "--exclude-standard")
    names = subprocess.run(listed, cwd=ROOT, capture_output=True, text=True, check=True).stdout.split("\0")
    for name in filter(None, names):
        if (ROOT / name).is_file():
            (to / name).parent.mkdir(parents=True, exist_ok=True)
            shutil.copyfile(ROOT / name, to / name)
            (to / name).chmod((ROOT / name).stat().st_mode)
    common = ("git", "rev-parse", "--path-format=absolute", "--git-common-dir")
    git = subprocess.run(common, cwd=ROOT, capture_output=True, text=True, check=True).stdout.strip()
    shutil.copytree(git, to / ".git")


def test_a_second_build_gives_the_same_layers(image: str, tmp_path: Path) -> None:
    first = layers(image)
    copy_sources(tmp_path)
    script = tmp_path / "scripts" / "build-image.sh"
    done = subprocess.run((script, "--no-cache"), capture_output=True, text=True)
    assert done.returncode == 0, done.stderr[-4000:]
    assert done.stdout.splitlines()[-1] == image
    assert "classes came from the cache" in done.stderr, "it was not built anew"
    assert len(first) >= 3
    assert layers(image) == first

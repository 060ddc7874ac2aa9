"""What the environment says about the cluster and how to reach it; see e2e/README.md."""

import os
import shlex
from dataclasses import dataclass
from pathlib import Path

ROOT = Path(__file__).resolve().parents[2]
WORK = ROOT / "target" / "e2e"
REPORTS = ROOT / "target" / "e2e-reports"


@dataclass(frozen=True)
class Settings:
    tools: Path | None  # scripts of a cluster beside the checkout
    image: str  # name:tag; empty: built by scripts/build-image.sh
    image_loader: tuple[str, ...]  # gets references of local images; empty: the cluster pulls
    git_serve: tuple[str, ...]  # gets DIR NAME, prints the URL that the cluster reads
    client_image: str  # any image with sh, curl, nc and nslookup
    keep: bool
    attach: bool  # to what an earlier run kept
    confirmed: bool  # a platform that the suite did not make may be taken away


def words(name: str, default: str = "") -> tuple[str, ...]:
    """A command; a program that is named by a relative path lies in the repository, wherever the suite runs."""
    command = shlex.split(os.environ.get(name) or default)
    if command and "/" in command[0]:
        command[0] = str(ROOT / command[0])
    return tuple(command)


def from_environment() -> Settings:
    tools = Path(os.environ.get("CLUSTER_TOOLS") or ROOT.parent / "shared" / "cluster")
    found = tools if (tools / "load-image").is_file() else None

    def tool(name: str) -> str:
        return shlex.quote(str(found / name)) if found else ""

    return Settings(
        tools=found,
        image=os.environ.get("IMAGE", ""),
        image_loader=words("IMAGE_LOADER", tool("load-image")),
        git_serve=words("GIT_SERVE", tool("addons/git-serve")),
        client_image=os.environ.get("CLIENT_IMAGE") or "docker.io/curlimages/curl:8.10.1",
        keep=os.environ.get("KEEP") == "1",
        attach=os.environ.get("ATTACH") == "1",
        confirmed=os.environ.get("CONFIRM") == "yes",
    )

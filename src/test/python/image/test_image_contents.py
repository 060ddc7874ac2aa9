"""What is in the image, and what is not."""

from __future__ import annotations

import datetime
import io
import json
import re
import subprocess
import tarfile

import pytest
from image_docker import HOME, ROOT, compressed_bytes, docker

MOST_BYTES = 35_000_000
SHELLS = {"sh", "bash", "dash", "ash", "busybox", "zsh", "ksh", "toybox"}
EXPECTED = re.compile(
    rf"""{HOME[1:]}/(
      bin/java
    | app/cell-router\.jar | app/lib/[\w.-]+\.jar
    | start/(small|standard|large|healthcheck)
    | conf/(logging|net)\.properties | conf/sdp/.+ | conf/security/.+
    | lib/(modules|router\.aot|classlist|jvm\.cfg|tzdb\.dat|jexec|jspawnhelper|psfontj2d\.properties) | lib/security/[\w.]+
    | lib/lib\w+\.so | lib/server/lib(jvm|jsig)\.so
    | legal/.+ | licenses/.+ | bom\.json | release
    )""",
    re.VERBOSE,
)


@pytest.fixture(scope="module")
def files(image: str) -> list[tarfile.TarInfo]:
    container = docker("create", image)
    try:
        exported = subprocess.run(("docker", "export", container), capture_output=True, check=True).stdout
    finally:
        docker("rm", container)
    with tarfile.open(fileobj=io.BytesIO(exported)) as archive:
        return archive.getmembers()


def own(files: list[tarfile.TarInfo]) -> list[tarfile.TarInfo]:
    return [file for file in files if file.name.startswith(HOME[1:] + "/")]


def config(image: str) -> dict:
    return json.loads(docker("image", "inspect", image))[0]["Config"]


def test_is_small(image: str) -> None:
    size = compressed_bytes(image)
    assert size <= MOST_BYTES, f"{size / 1e6:.1f} MB"


def test_has_no_shell(files: list[tarfile.TarInfo]) -> None:
    assert {file.name for file in files} & {f"usr/share/zoneinfo/{zone}" for zone in ("UTC", "Etc/UTC")}, "nothing was exported"
    assert [file.name for file in files if file.name.rsplit("/", 1)[-1] in SHELLS and not file.isdir()] == []


def test_holds_nothing_unexpected(files: list[tarfile.TarInfo]) -> None:
    assert [file.name for file in own(files) if not file.isdir() and not EXPECTED.fullmatch(file.name)] == []


def test_nobody_but_root_can_write_the_program(files: list[tarfile.TarInfo]) -> None:
    assert own(files)
    assert [file.name for file in own(files) if file.uid != 0 or file.mode & 0o022 and not file.issym()] == []
    assert [file.name for file in files if file.isfile() and file.mode & 0o6000] == []


def test_every_file_has_the_one_time_of_the_project(files: list[tarfile.TarInfo]) -> None:
    stamp = re.search(r"<project.build.outputTimestamp>(.+)<", (ROOT / "pom.xml").read_text())
    assert stamp
    assert {file.mtime for file in own(files)} == {int(datetime.datetime.fromisoformat(stamp.group(1)).timestamp())}


def test_starts_without_a_shell_as_a_plain_user(image: str) -> None:
    settings = config(image)
    assert settings["User"] == "1001:1001"
    assert settings["Entrypoint"][0] == f"{HOME}/bin/java"
    assert settings["Healthcheck"]["Test"][0] == "CMD"
    assert settings.get("StopSignal", "SIGTERM") == "SIGTERM"
    assert set(settings["ExposedPorts"]) == {"8000/tcp", "9000/tcp"}
    assert not [variable for variable in settings["Env"] if "JAVA" in variable], "the launcher would tell so on stderr"


def test_says_where_it_comes_from(image: str) -> None:
    labels = {name.rsplit(".", 1)[-1]: value for name, value in config(image)["Labels"].items() if name.startswith("org.opencontainers.image.")}
    assert labels["title"] == "cell-router"
    assert re.fullmatch(r"\d+\.\d+\.\d+", labels["version"])
    assert labels["version"] == docker("run", "--rm", image, "version")
    assert re.fullmatch(r"[0-9a-f]{40}", labels["revision"])
    assert labels["revision"].startswith(image.split(":")[1].split("-")[0])
    assert labels["source"].startswith("https://")
    assert re.fullmatch(r"\d{4}-\d\d-\d\dT\d\d:\d\d:\d\dZ", labels["created"])
    assert labels["licenses"] == "MIT"
    assert labels["name"].startswith("gcr.io/distroless/")

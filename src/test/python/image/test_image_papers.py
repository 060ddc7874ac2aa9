"""The bill of materials and the licences name what is really there."""

from __future__ import annotations

import hashlib
import io
import json
import subprocess
import tarfile

import pytest
from image_docker import HOME, ROOT, docker


@pytest.fixture(scope="module")
def files(image: str) -> dict[str, bytes]:
    container = docker("create", image)
    try:
        archive = subprocess.run(("docker", "cp", f"{container}:{HOME}", "-"), capture_output=True, check=True).stdout
    finally:
        docker("rm", container)
    with tarfile.open(fileobj=io.BytesIO(archive)) as tar:
        wanted = ("/app/", "/licenses/", "/legal/", "/bom.json")
        members = [m for m in tar.getmembers() if m.isfile() and any(part in m.name for part in wanted)]
        return {m.name.split("/", 1)[1]: tar.extractfile(m).read() for m in members}


@pytest.fixture(scope="module")
def components(files: dict[str, bytes]) -> list[dict]:
    return json.loads(files["bom.json"])["components"]


def test_the_bill_beside_the_image_is_the_one_in_it(files: dict[str, bytes]) -> None:
    assert (ROOT / "target" / "bom.json").read_bytes() == files["bom.json"]
    bom = json.loads(files["bom.json"])
    assert (bom["bomFormat"], bom["metadata"]["component"]["name"]) == ("CycloneDX", "cell-router")


def test_names_every_jar_with_its_hash(files: dict[str, bytes], components: list[dict]) -> None:
    jars = {name.rsplit("/", 1)[1]: hashlib.sha256(data).hexdigest() for name, data in files.items() if name.startswith("app/lib/")}
    named = {f"{c['name']}-{c['version']}.jar": c["hashes"][0]["content"] for c in components if c["type"] == "library"}
    assert len(jars) > 5
    assert named == jars


def test_names_the_jdk(components: list[dict], image: str) -> None:
    platforms = [c for c in components if c["type"] == "platform"]
    assert [c["name"] for c in platforms] == ["openjdk"]
    java = docker("run", "--rm", "--entrypoint", f"{HOME}/bin/java", image, "-version", check=True)
    version = subprocess.run(("docker", "run", "--rm", "--entrypoint", f"{HOME}/bin/java", image, "--version"), capture_output=True, text=True).stdout
    assert java == "" and platforms[0]["version"].split("+")[0] in version
    assert "java.net.http" in platforms[0]["description"]


def test_has_a_licence_for_everything(files: dict[str, bytes], components: list[dict]) -> None:
    listed = files["licenses/THIRD-PARTY.txt"].decode()
    for component in components:
        if component["type"] == "library":
            assert f"{component['name']} {component['version']}: " in listed
    assert files["licenses/LICENSE"] == (ROOT / "LICENSE").read_bytes()
    assert b"Apache License" in files["licenses/jackson-core/LICENSE"]
    assert b"Rebilly" in files["licenses/redoc/LICENSE"]
    assert b"Classpath" in files["legal/java.base/LICENSE"]

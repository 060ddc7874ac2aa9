"""Base images are pinned, and scripts/pin-images.sh asks registries as they are: with a token, for the index."""

from __future__ import annotations

import os
import re
import shutil
import subprocess
import threading
from collections.abc import Iterator
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path
from urllib.parse import parse_qs, urlsplit

import pytest
from image_docker import ROOT

BASES = ("JDK_IMAGE", "MAVEN_IMAGE", "RUNTIME_IMAGE")


def digest(repository: str) -> str:
    return "sha256:" + repository.encode().hex().ljust(64, "0")[:64]


class Registry(BaseHTTPRequestHandler):
    missing: set[str] = set()

    def do_GET(self) -> None:
        asked = parse_qs(urlsplit(self.path).query)
        assert asked["service"] == ["here"]
        self.answer(200, {}, f'{{"token": "for-{asked["scope"][0]}"}}'.encode())

    def do_HEAD(self) -> None:
        repository = re.fullmatch(r"/v2/(.+)/manifests/[\w.-]+", self.path).group(1)
        if self.headers.get("Authorization") != f"Bearer for-repository:{repository}:pull":
            port = self.server.server_address[1]
            self.answer(401, {"WWW-Authenticate": f'Bearer realm="http://127.0.0.1:{port}/token",service="here"'})
        elif repository in self.missing or "image.index" not in self.headers["Accept"]:
            self.answer(404, {})
        else:
            self.answer(200, {"Docker-Content-Digest": digest(repository)})

    def answer(self, status: int, headers: dict[str, str], body: bytes = b"") -> None:
        self.send_response(status)
        for name, value in headers.items():
            self.send_header(name, value)
        self.send_header("Content-Length", str(len(body)))
        self.end_headers()
        self.wfile.write(body)

    def log_message(self, *arguments: object) -> None:
        pass


@pytest.fixture
def registry() -> Iterator[str]:
    Registry.missing = set()
    with ThreadingHTTPServer(("127.0.0.1", 0), Registry) as server:
        threading.Thread(target=server.serve_forever, daemon=True).start()
        yield f"127.0.0.1:{server.server_address[1]}"
        server.shutdown()


@pytest.fixture
def versions(registry: str, tmp_path: Path) -> Path:
    lines = [f': "${{{name}={registry}/{name.lower()}:1}}"\n: "${{{name}_DIGEST=}}"' for name in BASES]
    file = tmp_path / "versions.env"
    file.write_text("\n".join([': "${JDK_IMAGE_DIGEST_=}"', "# base images: begin", *lines, "# base images: end", ""]))
    return file


def pin(versions: Path, cells: Path | None = None) -> subprocess.CompletedProcess[str]:
    clean = {name: value for name, value in os.environ.items() if not name.endswith(("_IMAGE", "_DIGEST"))}
    environment = {**clean, "VERSIONS_FILE": str(versions), "CELLS_FILE": str(cells or "")}
    return subprocess.run((ROOT / "scripts" / "pin-images.sh",), capture_output=True, text=True, env=environment)


def test_the_base_images_are_pinned() -> None:
    text = (ROOT / "versions.env").read_text()
    for name in BASES:
        assert re.search(rf'^: "\${{{name}_DIGEST=sha256:[0-9a-f]{{64}}}}"$', text, re.MULTILINE), name


def test_writes_what_the_registry_says(versions: Path) -> None:
    done = pin(versions)
    assert done.returncode == 0, done.stderr
    text = versions.read_text()
    for name in BASES:
        assert f"{{{name}_DIGEST={digest(name.lower())}}}" in text
    assert "{JDK_IMAGE_DIGEST_=}" in text, "what is outside of the marks is not touched"


def test_changes_nothing_when_one_cannot_be_had(versions: Path) -> None:
    before = versions.read_text()
    Registry.missing = {"runtime_image"}
    done = pin(versions)
    assert done.returncode != 0 and "runtime_image:1" in done.stderr
    assert versions.read_text() == before


def test_pins_the_cells_in_production(versions: Path, registry: str, tmp_path: Path) -> None:
    tools = f"{ROOT}/.tools/bin:{os.environ['PATH']}"
    if shutil.which("yq", path=tools) is None:
        pytest.skip("yq is not installed")
    cells = tmp_path / "kustomization.yaml"
    cells.write_text(f"images:\n  - name: nginx\n    newName: {registry}/nginx\n    newTag: 1.27-alpine\n")
    done = pin(versions, cells)
    assert done.returncode == 0, done.stderr
    assert f"    digest: {digest('nginx')}\n" in cells.read_text()
    assert "newTag: 1.27-alpine" in cells.read_text()

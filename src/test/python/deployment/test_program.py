"""The real programs take what the manifests give them: the router its settings, nginx its configuration."""

import functools
import json
import os
import re
import shutil
import socket
import subprocess
import time
import urllib.error
import urllib.request
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest
from offline.checks.cells import configured_cells, environment, mounted_file, setting
from offline.kustomize import ROOT
from offline.objects import name, namespace
from offline.platform import ENVIRONMENTS, Platform, load

JAR = ROOT / "target" / "cell-router.jar"
KEYS = '{"sha256:' + "ab" * 32 + '": "alice"}'


def check_config(
    variables: dict[str, str], files: Path, platform: Platform, admin_keys: str | None = None
) -> subprocess.CompletedProcess[str]:
    """Runs check-config as the pod would: its variables and nothing else, each mounted file put where a test may write.

    admin_keys: what stands in their file, which need not be there.
    """
    given = dict(variables)
    for variable in ("ROUTER_CONFIG", "API_KEYS_FILE", "ADMIN_KEYS_FILE"):
        if variable not in given:
            continue
        found = mounted_file(platform, given[variable])
        assert found, f"{variable}={given[variable]} is not mounted"
        source, member = found
        file = files / variable / member
        file.parent.mkdir(exist_ok=True)
        text = source["data"][member] if "data" in source else KEYS if variable == "API_KEYS_FILE" else admin_keys
        if text is not None:
            file.write_text(text)
        given[variable] = str(file)
    return run_check_config(given)


def run_check_config(given: dict[str, str], *arguments: str) -> subprocess.CompletedProcess[str]:
    assert JAR.is_file(), "build the program first: ./build.sh test does"
    command = [java(), f"@{ROOT}/jlink/edge.options", "-jar", str(JAR), "check-config", *arguments]
    return subprocess.run(command, env=given, capture_output=True, text=True, timeout=60, check=False)


@functools.cache
def java() -> str:
    """Of the JDK that build.sh would take; it says so by JAVA_HOME."""
    find = "ROOT=$PWD; . ./versions.env; . .ci/toolchain.sh; find_jdk"
    home = subprocess.run(["bash", "-c", find], cwd=ROOT, capture_output=True, text=True, check=True).stdout.strip()
    return f"{home}/bin/java"


@pytest.mark.parametrize("called", ENVIRONMENTS)
def test_the_router_takes_its_settings(called: str, tmp_path: Path) -> None:
    platform = load(called)
    done = check_config(environment(platform), tmp_path, platform)
    assert done.returncode == 0, done.stdout + done.stderr


@pytest.mark.parametrize("called", ENVIRONMENTS)
def test_the_router_would_take_the_cells_while_it_runs(called: str, tmp_path: Path) -> None:
    """The file alone, as one checks it before a commit; and a misspelt state in it is named with its line."""
    platform = load(called)
    found = mounted_file(platform, setting(platform, "ROUTER_CONFIG"))
    assert found
    config, member = found
    file = tmp_path / member
    file.write_text(config["data"][member])
    done = run_check_config({}, str(file))
    assert done.returncode == 0, done.stdout + done.stderr
    file.write_text(config["data"][member].replace("    url:", "    state: drainin\n    url:", 1))
    done = run_check_config({}, str(file))
    assert done.returncode == 2
    line = 1 + file.read_text().splitlines().index("    state: drainin")
    assert f"line {line}" in done.stdout + done.stderr


@pytest.mark.parametrize(("keys", "status"), [(KEYS, 0), ("[]", 2)])
def test_admin_keys_are_read_when_they_are_there(keys: str, status: int, tmp_path: Path) -> None:
    platform = load("kind")
    done = check_config(environment(platform), tmp_path, platform, admin_keys=keys)
    assert done.returncode == status, done.stdout + done.stderr


@pytest.mark.parametrize(
    ("variable", "value"),
    [
        ("REQUEST_TIMEOUT", "90"),
        ("DRAIN_DELAY", "5s"),
        ("LOG_LEVEL", "info!"),
        ("PORT", "9000"),
        ("NGINX_1_URL", "nginx-1:8080"),
        ("CELL_MAX_IN_FLIGHT", "0"),
        ("CELL_BREAKER_OPPEN", "5"),
    ],
)
def test_a_wrong_setting_is_noticed(variable: str, value: str, tmp_path: Path) -> None:
    platform = load("kind")
    done = check_config(environment(platform) | {variable: value}, tmp_path, platform)
    assert done.returncode == 2
    assert variable in done.stdout + done.stderr


def test_a_wrong_member_of_the_cells_is_noticed(tmp_path: Path) -> None:
    platform = load("kind")
    found = mounted_file(platform, setting(platform, "ROUTER_CONFIG"))
    assert found
    config, member = found
    config["data"][member] = config["data"][member].replace("url:", "uri:", 1)
    done = check_config(environment(platform), tmp_path, platform)
    assert done.returncode == 2
    assert "uri" in done.stdout + done.stderr


# --- nginx -----------------------------------------------------------------------------------


@pytest.fixture(params=list(load("kind").cells()))
def cell(request: pytest.FixtureRequest, tmp_path: Path) -> Iterator[tuple[str, int, int]]:
    """A real nginx with a cell's configuration, its ports and folders moved to where a test may use them."""
    nginx = shutil.which("nginx", path=os.environ["PATH"] + ":/usr/sbin:/sbin")
    assert nginx, "nginx is missing: .ci/run installs it"
    platform = load("kind")
    pods = next(p for p in platform.pods() if p.namespace == f"cell-{request.param}")
    container = next(c for c in pods.spec["containers"] if c["name"] == "nginx")
    mounts = {v["name"]: v for v in pods.spec["volumes"]}
    for mount in container["volumeMounts"]:
        inside = tmp_path / mount["mountPath"].lstrip("/")
        inside.mkdir(parents=True)
        if config := mounts[mount["name"]].get("configMap"):
            data = platform.one("ConfigMap", config["name"], pods.namespace)["data"]
            items = {i["path"]: data[i["key"]] for i in config["items"]} if "items" in config else data
            for file, text in items.items():
                (inside / file).write_text(text)
    main = next(a for a in container["command"] if a.endswith(".conf"))
    public, status = free_port(), free_port()
    moved = (tmp_path / main.lstrip("/")).read_text()
    moved = re.sub(r"(?<![\w.])(/etc/nginx/|/tmp/)", lambda m: f"{tmp_path}{m[1]}", moved)
    moved = moved.replace("/dev/stdout", f"{tmp_path}/access.log").replace("/dev/stderr", f"{tmp_path}/error.log")
    moved = moved.replace("listen 8080", f"listen 127.0.0.1:{public}").replace("127.0.0.1:8081", f"127.0.0.1:{status}")
    (tmp_path / "nginx.conf").write_text(moved)
    command = [
        nginx,
        "-e",
        tmp_path / "error.log",
        "-c",
        tmp_path / "nginx.conf",
        "-g",
        "daemon off; master_process off;",
    ]
    process = subprocess.Popen(command, cwd=tmp_path, stdout=subprocess.DEVNULL)
    try:
        wait_for(public, process)
        yield request.param, public, status
    finally:
        process.terminate()
        process.wait(10)


def free_port() -> int:
    with socket.socket() as s:
        s.bind(("127.0.0.1", 0))
        return s.getsockname()[1]


def wait_for(port: int, process: subprocess.Popen[bytes]) -> None:
    until = time.monotonic() + 20
    while time.monotonic() < until:
        assert process.poll() is None, "nginx ended"
        try:
            socket.create_connection(("127.0.0.1", port), 1).close()
            return
        except OSError:
            time.sleep(0.05)
    raise TimeoutError("nginx does not listen")


def ask(url: str, method: str = "GET", body: bytes | None = None) -> tuple[int, str, Any]:
    request = urllib.request.Request(
        url, body, {"X-Request-ID": "r-1", "Content-Type": "application/json"}, method=method
    )
    try:
        with urllib.request.urlopen(request, timeout=5) as answer:
            return answer.status, answer.read().decode(), answer.headers
    except urllib.error.HTTPError as refused:
        return refused.code, refused.read().decode(), refused.headers


def test_a_cell_answers_as_the_readme_says(cell: tuple[str, int, int], tmp_path: Path) -> None:
    number, port, status_port = cell
    code, text, headers = ask(f"http://127.0.0.1:{port}/api", "POST", b'{"order":42}')
    assert code == 200
    assert headers["Content-Type"] == "application/json"
    expected = f'{{"cellID": "{number}", "server": "nginx-{number}", "message": "Hello from cell {number}"}}'
    assert text == expected
    if number == "1":
        assert expected in (ROOT / "README.md").read_text()
    assert ask(f"http://127.0.0.1:{port}/health")[0] == 200
    assert ask(f"http://127.0.0.1:{port}/api", "POST", b"x" * 1_048_576)[0] == 200
    assert ask(f"http://127.0.0.1:{port}/elsewhere")[0] == 404
    assert "Active connections" in ask(f"http://127.0.0.1:{status_port}/stub_status")[1]
    assert ask(f"http://127.0.0.1:{port}/stub_status")[0] == 404
    lines = logged(tmp_path / "access.log", 4)
    assert sorted(line["path"] for line in lines) == ["/api", "/api", "/elsewhere", "/stub_status"]
    assert {line["cell_id"] for line in lines} == {number}
    assert {line["request_id"] for line in lines} == {"r-1"}


def logged(file: Path, count: int) -> list[dict[str, Any]]:
    """A line is written after its answer, so those of two connections may come in any order, and late."""
    until = time.monotonic() + 10
    while time.monotonic() < until and len(file.read_text().splitlines()) < count:
        time.sleep(0.05)
    return [json.loads(line) for line in file.read_text().splitlines()]


def test_a_cell_keeps_connections_longer_than_the_router() -> None:
    """Otherwise a cell closes a connection just as the router sends a request on it."""
    options = (ROOT / "jlink/edge.options").read_text()
    seconds = int(re.search(r"^-Djdk\.httpclient\.keepalive\.timeout=(\d+)$", options, re.MULTILINE)[1])
    for config in load("kind").of("ConfigMap"):
        for text in config["data"].values():
            for kept in re.findall(r"keepalive_timeout (\d+)s;", text):
                assert int(kept) > seconds + 5, f"{namespace(config)}/{name(config)}"


def test_every_configured_cell_is_tried() -> None:
    platform = load("kind")
    assert set(configured_cells(platform)) == set(platform.cells()) != set()

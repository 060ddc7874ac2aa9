"""Containers of the image, as hardened as they are in production, and what the tests ask of them."""

from __future__ import annotations

import contextlib
import http.client
import json
import os
import shutil
import subprocess
import time
from collections.abc import Iterator
from pathlib import Path
from typing import Any, NamedTuple

ROOT = Path(__file__).resolve().parents[4]
HOME = "/opt/cell-router"
JAVA = f"{HOME}/bin/java"
HARDENED = ("--read-only", "--cap-drop", "ALL", "--security-opt", "no-new-privileges")
HALF_A_CORE = ("--memory", "256m", "--memory-swap", "256m", "--cpus", "0.5")
RETRY_SECONDS = 0.005


def docker(*arguments: str, check: bool = True) -> str:
    done = subprocess.run(("docker", *arguments), capture_output=True, text=True)
    if check and done.returncode:
        raise AssertionError(f"docker {' '.join(arguments)}: {done.stderr}")
    return done.stdout.strip()


def missing_daemon() -> str | None:
    """Why there is no docker to test with; None when there is."""
    if shutil.which("docker") is None:
        return "docker is not installed"
    done = subprocess.run(("docker", "info"), capture_output=True, text=True)
    return None if done.returncode == 0 else "no docker daemon answers"


def compressed_bytes(image: str) -> int:
    done = subprocess.run(f"docker save {image} | gzip | wc -c", shell=True, capture_output=True, text=True, check=True)
    return int(done.stdout)


class Answer(NamedTuple):
    status: int
    headers: dict[str, str]
    body: bytes
    at: float

    def json(self) -> Any:
        return json.loads(self.body)


class Container:
    def __init__(self, identity: str) -> None:
        self.identity = identity

    def inspect(self) -> dict[str, Any]:
        return json.loads(docker("inspect", self.identity))[0]

    def port(self, inside: int) -> int:
        ports = self.inspect()["NetworkSettings"]["Ports"]
        return int(ports[f"{inside}/tcp"][0]["HostPort"])

    def ask(self, method: str, path: str, body: Any = None, inside: int = 8000) -> Answer:
        connection = http.client.HTTPConnection("127.0.0.1", self.port(inside), timeout=30)
        with contextlib.closing(connection):
            text = None if body is None else json.dumps(body)
            connection.request(method, path, text, {"Content-Type": "application/json"} if text else {})
            response = connection.getresponse()
            data = response.read()
            return Answer(response.status, {k.lower(): v for k, v in response.getheaders()}, data, time.time())

    def first(self, path: str, inside: int = 8000, seconds: float = 60) -> Answer:
        """The first 200, however long the container takes to be there."""
        end = time.time() + seconds
        while time.time() < end:
            with contextlib.suppress(OSError, http.client.HTTPException):
                answer = self.ask("GET", path, inside=inside)
                if answer.status == 200:
                    return answer
            time.sleep(RETRY_SECONDS)
        raise AssertionError(f"no 200 on {path}: {self.logs()}")

    def logs(self) -> str:
        done = subprocess.run(("docker", "logs", self.identity), text=True, stdout=subprocess.PIPE, stderr=subprocess.STDOUT)
        return done.stdout

    def state(self) -> dict[str, Any]:
        return self.inspect()["State"]

    def await_state(self, wanted: str, seconds: float = 60) -> dict[str, Any]:
        """Health is `healthy` or `unhealthy`, or the status is `exited`."""
        end = time.time() + seconds
        while time.time() < end:
            state = self.state()
            if wanted in (state["Status"], state.get("Health", {}).get("Status")):
                return state
            time.sleep(0.2)
        raise AssertionError(f"not {wanted}: {self.state()}\n{self.logs()}")


@contextlib.contextmanager
def running(image: str, *options: str, command: tuple[str, ...] = ()) -> Iterator[Container]:
    container = Container(docker("run", "--detach", *options, image, *command))
    try:
        yield container
    finally:
        docker("rm", "--force", "--volumes", container.identity, check=False)


@contextlib.contextmanager
def router(image: str, *options: str, limits: tuple[str, ...] = HALF_A_CORE) -> Iterator[Container]:
    """One router whose only cell is expected on its own loopback, on 8081."""
    cell = ("--env", "NGINX_1_URL=http://127.0.0.1:8081")
    ports = ("--publish", "127.0.0.1:0:8000", "--publish", "127.0.0.1:0:9000")
    with running(image, *HARDENED, *limits, *ports, *cell, *options) as container:
        yield container


@contextlib.contextmanager
def cell_beside(image: str, container: Container, *options: str) -> Iterator[Container]:
    """A demo cell listens on loopback only, so it shares the router's."""
    network = ("--network", f"container:{container.identity}")
    with running(image, *HARDENED, *network, command=("cell", "--port", "8081", *options)) as cell:
        end = time.time() + 30
        while "demo cell" not in cell.logs() and time.time() < end:
            time.sleep(0.05)
        yield cell


def is_continuous_integration() -> bool:
    return os.environ.get("CI", "").lower() in ("1", "true", "yes")

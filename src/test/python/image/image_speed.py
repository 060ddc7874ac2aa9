"""Start and load of containers at half a core: for the tests, and for the figures of bench/image.py."""

from __future__ import annotations

import contextlib
import datetime
import json
import os
import subprocess
import tempfile
from collections.abc import Iterator
from pathlib import Path
from typing import NamedTuple

from image_docker import HALF_A_CORE, HARDENED, HOME, JAVA, Container, cell_beside, docker, router, running

PORTS = ("--publish", "127.0.0.1:0:8000", "--publish", "127.0.0.1:0:9000")
CELL = ("--env", "NGINX_1_URL=http://127.0.0.1:8081")
LOAD = """
local body = '{"cellID":"1"}'
request = function() return wrk.format("POST", "/api/route", {["Content-Type"]="application/json"}, body) end
done = function(s, l)
  local e = s.errors
  print(string.format('RESULT {"requests":%d,"micros":%d,"p99":%d,"errors":%d}',
    s.requests, s.duration, l:percentile(99), e.connect + e.read + e.write + e.status + e.timeout))
end
"""


def first_answer_ms(container: Container) -> float:
    """From the start of its process to the first 200 on /health."""
    answer = container.first("/health")
    started = container.state()["StartedAt"]
    seconds = datetime.datetime.fromisoformat(started[:26].rstrip("Z") + "+00:00").timestamp()
    return (answer.at - seconds) * 1000


def start_ms(image: str) -> float:
    with router(image) as container:
        return first_answer_ms(container)


@contextlib.contextmanager
def plain_image(image: str, jdk: str) -> Iterator[str]:
    """The same jars on the JDK's image: no cache, no options but the limits of its HTTP server."""
    with tempfile.TemporaryDirectory() as folder:
        container = docker("create", image)
        docker("cp", f"{container}:{HOME}/app", f"{folder}/app")
        docker("cp", f"{container}:{HOME}/start/standard", f"{folder}/all")
        docker("rm", container)
        limits = [line for line in Path(folder, "all").read_text().splitlines() if line.startswith("-D")]
        Path(folder, "limits").write_text("\n".join(limits) + "\n")
        Path(folder, "Dockerfile").write_text(f"FROM {jdk}\nCOPY app /app\nCOPY limits /limits\n")
        name = f"{image}-plain"
        # Three lines need no BuildKit, which not every client has.
        legacy = {**os.environ, "DOCKER_BUILDKIT": "0"}
        subprocess.run(("docker", "build", "--quiet", "--tag", name, folder), check=True, capture_output=True, env=legacy)
        try:
            yield name
        finally:
            docker("rmi", name, check=False)


def plain_start_ms(plain: str) -> float:
    command = ("java", "@/limits", "-jar", "/app/cell-router.jar", "serve")
    with running(plain, *HALF_A_CORE, *PORTS, *CELL, "--user", "1001:1001", command=command) as container:
        return first_answer_ms(container)


def starts_in_turns(image: str, jdk: str, turns: int) -> tuple[list[float], list[float]]:
    """Milliseconds to the first answer, of the image and of the same jars on the plain JDK. They take turns, so that what else the machine
    does falls on both."""
    tuned, untuned = [], []
    with plain_image(image, jdk) as plain:
        for _ in range(turns):
            tuned.append(start_ms(image))
            untuned.append(plain_start_ms(plain))
    return tuned, untuned


class Loaded(NamedTuple):
    per_second: float
    p99_ms: float
    errors: int
    peak_mb: float
    end: str


def resident_mb(container: Container) -> float:
    with contextlib.suppress(OSError, ValueError):
        process = container.inspect()["State"]["Pid"]
        status = Path(f"/proc/{process}/status").read_text()
        return next(int(line.split()[1]) / 1024 for line in status.splitlines() if line.startswith("VmHWM"))
    return 0.0


def load(image: str, size: str, megabytes: int, seconds: int, cpus: str = "0.5", warm_up: int = 0) -> Loaded:
    """One router under a closed loop of requests (wrk) for one demo cell, which has no limit."""
    limits = ("--memory", f"{megabytes}m", "--memory-swap", f"{megabytes}m", "--cpus", cpus)
    options = (*HARDENED, *limits, *PORTS, *CELL, "--env", "DRAIN_DELAY=0", "--env", "LOG_LEVEL=WARN", "--entrypoint", JAVA)
    command = (f"@{HOME}/start/{size}", "serve")
    with running(image, *options, command=command) as container, cell_beside(image, container):
        container.first("/live", inside=9000)
        with tempfile.NamedTemporaryFile("w", suffix=".lua") as script:
            script.write(LOAD)
            script.flush()
            url = f"http://127.0.0.1:{container.port(8000)}"
            for duration in filter(None, (warm_up, seconds)):
                wrk = ("wrk", "-t1", "-c32", f"-d{duration}s", "--timeout", "10s", "--latency", "-s", script.name, url)
                output = subprocess.run(wrk, capture_output=True, text=True).stdout
        peak = resident_mb(container)
        state = container.state()
        end = "killed" if state["OOMKilled"] else "runs" if state["Running"] else f"exit {state['ExitCode']}"
        line = next((line for line in output.splitlines() if line.startswith("RESULT ")), None)
        if line is None:
            return Loaded(0, 0, 0, peak, end)
        raw = json.loads(line.removeprefix("RESULT "))
        return Loaded(raw["requests"] / (raw["micros"] / 1e6), raw["p99"] / 1000, raw["errors"], peak, end)

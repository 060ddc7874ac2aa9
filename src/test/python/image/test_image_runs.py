"""The image at work in a container with nothing but the limits it is made for."""

from __future__ import annotations

import json
import re
import threading
import time
from typing import Any

from image_docker import HOME, JAVA, Answer, Container, cell_beside, docker, router, running

ROUTE = {"cellID": "1", "payload": {"order": 42}}
SOON = ("--env", "DRAIN_DELAY=0", "--env", "PROBE_INTERVAL=1")


def test_routes_and_logs_json_only(image: str) -> None:
    with router(image, *SOON) as container, cell_beside(image, container):
        assert container.first("/live", inside=9000).status == 200
        container.first("/ready", inside=9000)
        answer = container.ask("POST", "/api/route", ROUTE)
        assert (answer.status, answer.headers["x-cell"]) == (200, "1")
        assert answer.json()["response"]["server"] == "nginx-1"
        assert await_line(container, "/api/route")["status"] == 200


def await_line(container: Container, path: str) -> dict[str, Any]:
    """The log line of a request, which is written after its answer; every line until then must be JSON."""
    end = time.monotonic() + 10
    while time.monotonic() < end:
        for line in map(json.loads, container.logs().splitlines()):
            if line.get("path") == path:
                return line
        time.sleep(0.1)
    raise AssertionError(f"no log line for {path}: {container.logs()}")


def test_serves_its_pages_with_all_they_load(image: str) -> None:
    with router(image, *SOON) as container:
        container.first("/live", inside=9000)
        for page in ("/docs", "/redoc"):
            html = container.ask("GET", page).body.decode()
            loaded = re.findall(r'(?:src|href)="([^"#]+)"', html)
            assert len(loaded) >= 2, html
            for link in loaded:
                path = link if link.startswith("/") else f"/{link}"
                assert container.ask("GET", path).status == 200, path


def test_is_an_ordinary_user_that_can_write_nowhere(image: str) -> None:
    with router(image, *SOON) as container:
        container.first("/live", inside=9000)
        process = container.inspect()["State"]["Pid"]
        with open(f"/proc/{process}/status", encoding="utf-8") as file:
            status = dict(line.split(":\t", 1) for line in file.read().splitlines() if ":\t" in line)
        assert set(status["Uid"].split()) == {"1001"} and set(status["Gid"].split()) == {"1001"}
        assert int(status["CapEff"], 16) == 0 and status["NoNewPrivs"] == "1"
        assert docker("diff", container.identity) == ""


def test_becomes_healthy_by_its_own_command(image: str) -> None:
    with router(image, *SOON, "--health-interval", "1s") as container:
        container.await_state("healthy")
        assert container.state()["OOMKilled"] is False


def test_becomes_unhealthy_when_nothing_answers(image: str) -> None:
    """The cell's command keeps the container up, and no router listens in it."""
    options = ("--health-interval", "1s", "--health-start-period", "0s", "--health-retries", "1")
    with running(image, *options, command=("cell",)) as container:
        state = container.await_state("unhealthy")
        assert "nothing answers on port 9000" in state["Health"]["Log"][-1]["Output"]


def test_health_checks_fit_beside_a_router_in_the_least_memory(image: str) -> None:
    least = ("--memory", "128m", "--memory-swap", "128m", "--cpus", "0.5")
    with router(image, *SOON, "--health-interval", "1s", limits=least) as container, cell_beside(image, container):
        container.first("/ready", inside=9000)
        for _ in range(200):
            assert container.ask("POST", "/api/route", ROUTE).status == 200
        container.await_state("healthy")
        assert container.state()["OOMKilled"] is False and container.state()["Status"] == "running"


def test_finishes_what_is_in_flight_when_stopped(image: str) -> None:
    delay = ("--env", "DRAIN_DELAY=1", "--env", "PROBE_INTERVAL=1")
    with router(image, *delay) as container, cell_beside(image, container, "--latency", "3000"):
        container.first("/live", inside=9000)
        answers: list[Answer] = []
        asking = threading.Thread(target=lambda: answers.append(container.ask("POST", "/api/route", ROUTE)))
        asking.start()
        wait_for_one_in_flight(container)
        began = time.monotonic()
        docker("stop", "--time", "20", container.identity)
        took = time.monotonic() - began
        asking.join()
        state = container.state()
        assert (answers[0].status, state["ExitCode"], state["OOMKilled"]) == (200, 0, False)
        # Not before the answer, which takes 3 s, and not at the end of the patience of docker stop.
        assert took < 10, took


def wait_for_one_in_flight(container: Container) -> None:
    end = time.monotonic() + 20
    while time.monotonic() < end:
        metrics = container.ask("GET", "/metrics", inside=9000).body.decode()
        if re.search(r'^router_inflight_requests\{cell_id="1",?\} 1\.0', metrics, re.MULTILINE):
            return
        time.sleep(0.02)
    raise AssertionError("no request is in flight")


def test_says_what_is_wrong_with_its_configuration(image: str) -> None:
    with router(image, "--env", "PORT=no-number") as container:
        state = container.await_state("exited")
        assert state["ExitCode"] == 2
        assert "PORT" in container.logs()


def test_its_cache_fits(image: str) -> None:
    """A cache that does not fit is left out without a word, unless it is asked for like this."""
    command = ("-XX:AOTMode=on", f"@{HOME}/start/small", "version")
    assert re.fullmatch(r"\d+\.\d+\.\d+", docker("run", "--rm", "--entrypoint", JAVA, image, *command))


def test_starts_as_well_with_the_options_for_larger_pods(image: str) -> None:
    for size in ("standard", "large"):
        entry = ("--entrypoint", JAVA)
        ports = ("--publish", "127.0.0.1:0:8000", "--publish", "127.0.0.1:0:9000", "--env", "NGINX_1_URL=http://127.0.0.1:8081")
        with running(image, *entry, *ports, command=(f"@{HOME}/start/{size}", "serve")) as container:
            container.first("/live", inside=9000)
            assert all(json.loads(line) for line in container.logs().splitlines())

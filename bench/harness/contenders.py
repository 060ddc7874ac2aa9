"""The routers that are compared, each with the command that starts it and nothing else running."""

import os
import shutil
from dataclasses import dataclass, field
from pathlib import Path

from .cells import Cells, render
from .process import Process, Processes
from .wire import free_ports, request, route, until_200


# How this router is started in every comparison.
COMMON = {"API_KEY_ENABLED": "false", "LOG_LEVEL": "INFO", "DRAIN_DELAY": "0"}


@dataclass(frozen=True)
class Contender:
    key: str
    title: str
    command: tuple  # {config} is replaced by the rendered template
    version: str
    health: str = "/health"
    template: Path | None = None
    environment: dict = field(default_factory=dict)
    warm_up: int = 3  # seconds of load before anything is measured
    start_seconds: int = 30
    own_cells: bool = False  # its configuration names them; else the environment does


@dataclass
class Running:
    contender: Contender
    process: Process
    port: int
    folder: Path


class Starter:
    """Starts contenders in front of the same cells."""

    def __init__(self, cells: Cells, processes: Processes, folder: Path, java_home: str | None):
        self._cells, self._processes, self._folder = cells, processes, folder
        self._base = {"PATH": os.environ["PATH"], "HOME": os.environ.get("HOME", "/"), "LANG": "C.UTF-8"}
        if java_home:
            self._base["JAVA_HOME"] = java_home
        self._count = 0

    def start(self, contender: Contender, cores=None, cgroup=None, extra=None) -> Running:
        """Returns at once; the router may not be listening yet."""
        self._count += 1
        folder = self._folder / f"{self._count:03d}-{contender.key}"
        folder.mkdir()
        port, management = free_ports(2)
        config = None
        if contender.template:
            config = render(contender.template, folder / "config", PORT=port, DIR=folder, **self._cells.template_values())
        values = {"config": str(config), "dir": str(folder), "port": str(port)}
        command = [str(part).format(**values) for part in contender.command]
        environment = {
            **self._base,
            "PORT": str(port),
            "MANAGEMENT_PORT": str(management),
            **({} if contender.own_cells else self._cells.environment()),
            **{name: value.replace("{config}", str(config)) for name, value in contender.environment.items()},
            **(extra or {}),
        }
        log = folder / "out.log"  # the access log goes here: writing it is part of what is measured
        process = self._processes.start(command, log, environment, cores, cgroup)
        return Running(contender, process, port, folder)

    def wait(self, running: Running) -> tuple[float, float]:
        """Seconds from exec to the first 200 on the health endpoint, and to the first routed one."""
        c = running.contender
        limit = c.start_seconds
        health = until_200(running.process, lambda: request(running.port, "GET", c.health), limit)
        routed = until_200(running.process, lambda: route(running.port, "1"), limit)
        return health, routed

    def stop(self, running: Running, gently: bool = True) -> None:
        self._processes.stop(running.process, gently)
        # An access log of some hundred thousand lines has done its duty.
        shutil.rmtree(running.folder, ignore_errors=True)


def contenders(tools, root: Path, keys) -> list[Contender]:
    """Those of `keys` that prepare.py found and built, in the order of the table."""
    peers = root / "bench" / "peers"
    found = []
    if tools.router:
        found.append(
            Contender(
                "router", "Cell router", tuple(tools.router), tools.versions["router"],
                environment=COMMON, warm_up=25,
            )
        )
    if tools.gateway:
        found.append(
            Contender(
                "scg", "Spring Cloud Gateway", (tools.java, "-jar", tools.gateway),
                tools.versions["scg"], health="/actuator/health", warm_up=25, start_seconds=60,
            )
        )
    if tools.fastapi:
        found.append(
            Contender(
                "fastapi", "FastAPI + httpx",
                (tools.fastapi, "-m", "uvicorn", "--app-dir", peers / "fastapi", "app:app",
                 "--host", "127.0.0.1", "--port", "{port}", "--no-access-log", "--log-level", "warning"),
                tools.versions["fastapi"],
            )
        )
    if tools.haproxy:
        found.append(
            Contender(
                "haproxy", "HAProxy (json_query)", (tools.haproxy, "-db", "-f", "{config}"),
                tools.versions["haproxy"], template=peers / "haproxy" / "haproxy.cfg.template",
            )
        )
    if tools.nginx:
        found.append(
            Contender(
                "nginx", "nginx (by header)", (tools.nginx, "-p", "{dir}", "-c", "{config}"),
                tools.versions["nginx"], template=peers / "nginx" / "nginx.conf.template",
            )
        )
    if tools.jdk_parts:
        # The router's own collector and server options, so that nothing but its code differs.
        command = (tools.java, f"@{root / 'jlink' / 'edge.options'}", "-XX:+UseSerialGC", "-Xmx128m",
                   "-cp", tools.jdk_parts, "JdkParts")
        version = tools.versions["java"]
        found.append(Contender("jdk", "The JDK's parts alone", command, version, warm_up=25))
        found.append(Contender("jdk-server", "The JDK's server alone, no cell", (*command, "alone"), version, warm_up=25))
    return [contender for contender in found if contender.key in keys]


def plain_jdk(tools, root: Path) -> Contender | None:
    """The same jar without the runtime's image, cache and tuning: what the start-up is compared with."""
    jar = root / "target" / "cell-router.jar"
    if not (tools.router and tools.java and jar.exists()):
        return None
    return Contender(
        "plain", "Same jar, plain JDK",
        (tools.java, f"@{root / 'jlink' / 'edge.options'}", "-jar", jar), tools.versions["router"],
        environment=COMMON,
    )

"""Two routers, three NGINX cells with their exporters and a Prometheus on loopback, and the mixed load for them.

The targets carry the labels that the ServiceMonitors give them in a cluster (docs/deployment.md), so that dashboards
and rules cannot tell the difference. Needs nginx, prometheus-nginx-exporter and prometheus on the PATH.
"""

from __future__ import annotations

import json
import os
import shutil
import socket
import subprocess
import threading
import time
import urllib.error
import urllib.request
from collections.abc import Callable
from functools import cache
from pathlib import Path
from string import Template
from typing import Any

import yaml
from cellapp import CellApp, Manner
from prometheus import Prometheus

HERE = Path(__file__).resolve().parent
ROOT = HERE.parents[3]
JAR = ROOT / "target" / "cell-router.jar"
CELLS = ("1", "2", "3")
# An NGINX each; the first character is its cell. Cell 1 has two.
ADDRESSES = (*CELLS, "1b")
PROGRAMS = ("nginx", "prometheus-nginx-exporter", "prometheus")
KEYS = {"alice": "key-of-alice-for-a-run-on-loopback", "bob": "key-of-bob-for-a-run-on-loopback"}
SCRAPE_S = 1
# Small and quick to start; the second router gets less of the load.
JVM = ("-XX:+UseSerialGC", "-XX:TieredStopAtLevel=1", "-Xmx48m", "-XX:-UsePerfData")
RATES = {"alice": 40, "bob": 25}
# Of them all, over both routers: bob, who asks one only, gets half of it.
LIMITS = {"bob": {"rate": 60, "burst": 20}}
ADMIN_KEY = "key-of-an-admin-for-a-run-on-loopback"
WARM_UP_S = 8


def missing_programs() -> list[str]:
    found = [name for name in PROGRAMS if not which(name)]
    return found + ([] if JAR.is_file() else [str(JAR.relative_to(ROOT))])


def which(program: str) -> str | None:
    return shutil.which(program, path=os.environ.get("PATH", "") + ":/usr/sbin:/usr/local/sbin")


def free_ports(count: int) -> list[int]:
    taken = [socket.socket() for _ in range(count)]
    try:
        for each in taken:
            each.bind(("127.0.0.1", 0))
        return [each.getsockname()[1] for each in taken]
    finally:
        for each in taken:
            each.close()


class Stand:
    """A context manager: everything it started has ended when it is left."""

    def __init__(self, folder: Path, rules: list[dict[str, Any]]) -> None:
        """rules: groups as they stand in a PrometheusRule."""
        self.folder = folder
        self.rules = rules
        self.processes: dict[str, subprocess.Popen[bytes]] = {}
        self.app = CellApp({"1": Manner(0.008), "2": Manner(0.02, spread=0.8, error_rate=0.02), "3": Manner(0.005)})
        self.began = self.ended = 0.0
        ports = iter(free_ports(16))
        self.cell_ports = {address: next(ports) for address in ADDRESSES}
        self.status_ports = {address: next(ports) for address in ADDRESSES}
        self.exporter_ports = {cell: next(ports) for cell in CELLS}
        self.router_ports = {client: (next(ports), next(ports)) for client in KEYS}
        self.prometheus = Prometheus(f"http://127.0.0.1:{next(ports)}")

    def __enter__(self) -> Stand:
        try:
            for address in ADDRESSES:
                self._start_cell(address)
            for cell in CELLS:
                self._start(
                    "exporter-" + cell,
                    [
                        which("prometheus-nginx-exporter"),
                        f"-nginx.scrape-uri=http://127.0.0.1:{self.status_ports[cell]}/stub_status",
                        f"-web.listen-address=127.0.0.1:{self.exporter_ports[cell]}",
                    ],
                )
            self._write_router_files()
            for client in KEYS:
                self._start_router(client)
            self._start_prometheus()
            for client in KEYS:
                self._await(f"http://127.0.0.1:{self.router_ports[client][1]}/ready", f"router-{client}")
            self._await(self.prometheus.url + "/-/ready", "prometheus")
        except BaseException:
            self.__exit__()
            raise
        return self

    def __exit__(self, *_: object) -> None:
        for process in self.processes.values():
            process.terminate()
        for process in self.processes.values():
            try:
                process.wait(timeout=15)
            except subprocess.TimeoutExpired:
                process.kill()
                process.wait()
        self.app.close()

    def run(self, seconds: float, say: Callable[[str], None] = lambda _: None) -> None:
        """The load, with a story: an address of cell 1 goes, cell 2 gets worse, cell 3 is gone for a while; keys are rotated, a cell is run by hand."""
        clients = [self._start_traffic(client, WARM_UP_S + seconds) for client in KEYS]
        # Until the load has begun and a rate has its samples.
        time.sleep(WARM_UP_S)
        self.began = time.time()
        story: list[tuple[float, str, Callable[[], None]]] = [
            (0.08, "one of cell 1's two addresses is gone", lambda: self._stop("nginx-1b")),
            (0.20, "a third API key is added", lambda: self._write_keys("carol")),
            (0.35, "cell 2 is slower and answers one in five with 500", lambda: self._worsen("2")),
            (0.55, "cell 2 recovers", lambda: self._recover("2")),
            (0.65, "cell 3 is stopped", lambda: self._stop("nginx-3")),
            (0.80, "cell 3 is back", lambda: self._start_cell("3")),
            (0.87, "an override: one router lets only reading requests of half its clients through to cell 1", lambda: self._override("1", 0.08 * seconds)),
        ]
        for share, text, act in story:
            time.sleep(max(0.0, self.began + share * seconds - time.time()))
            say(text)
            act()
        for client in clients:
            # It exits with 1 for answers that no healthy system gives, which is what was asked for here.
            if client.wait(timeout=seconds + 60) not in (0, 1):
                raise RuntimeError(f"traffic failed, see {self.folder}")
        self.ended = self.began + seconds

    def log(self, name: str) -> str:
        path = self.folder / f"{name}.log"
        return path.read_text(errors="replace")[-3000:] if path.is_file() else ""

    # --- the parts -------------------------------------------------------------------------

    def _start(self, name: str, command: list[str | None], env: dict[str, str] | None = None) -> subprocess.Popen[bytes]:
        log = (self.folder / f"{name}.out").open("ab")
        process = subprocess.Popen(
            [str(c) for c in command], cwd=self.folder, stdin=subprocess.DEVNULL, stdout=log, stderr=log, env=os.environ | (env or {})
        )
        log.close()
        self.processes[name] = process
        return process

    def _stop(self, name: str) -> None:
        process = self.processes.pop(name)
        process.terminate()
        process.wait(timeout=10)

    def _start_cell(self, address: str) -> None:
        text = Template((HERE / "nginx.conf.template").read_text())
        path = self.folder / f"nginx-{address}.conf"
        port, status_port = self.cell_ports[address], self.status_ports[address]
        path.write_text(
            text.substitute(folder=self.folder, name=address, id=address[0], port=port, status_port=status_port, app_port=self.app.port)
        )
        log = str(self.folder / f"nginx-{address}.log")
        self._start(f"nginx-{address}", [which("nginx"), "-p", str(self.folder), "-e", log, "-c", str(path)])

    def _write_router_files(self) -> None:
        cells: dict[str, dict[str, Any]] = {cell: {"name": f"nginx-{cell}", "urls": []} for cell in CELLS}
        for address, port in self.cell_ports.items():
            cells[address[0]]["urls"].append(f"http://127.0.0.1:{port}")
        (self.folder / "cells.yaml").write_text(yaml.safe_dump({"cells": cells, "clients": LIMITS}))
        self._write_keys()

    def _write_keys(self, *more: str) -> None:
        # Replaced, not written in place: a half-written file is a bad one.
        new = self.folder / "keys.new"
        new.write_text(
            json.dumps({key: client for client, key in KEYS.items()} | {f"key-of-{name}-for-a-run-on-loopback": name for name in more})
        )
        new.rename(self.folder / "keys.json")

    def _start_router(self, client: str) -> None:
        port, management = self.router_ports[client]
        env = {
            "PORT": str(port),
            "MANAGEMENT_PORT": str(management),
            "BIND_ADDRESS": "127.0.0.1",
            "ROUTER_CONFIG": str(self.folder / "cells.yaml"),
            "API_KEY_ENABLED": "true",
            "API_KEYS_FILE": str(self.folder / "keys.json"),
            "ADMIN_KEYS_JSON": json.dumps({ADMIN_KEY: "carol"}),
            "PEERS_DNS": "routers",
            "PROBE_INTERVAL": "1",
            "DRAIN_DELAY": "0",
            "CONNECT_TIMEOUT": "1",
            "LOG_LEVEL": "ERROR",
        }
        peers = self.folder / "hosts"
        # The JDK looks names up here, and so finds both routers, as it would by a headless Service.
        peers.write_text("127.0.0.1 routers\n127.0.0.2 routers\n")
        jvm = (*JVM, f"-Djdk.net.hosts.file={peers}")
        self._start(f"router-{client}", [java(), f"@{ROOT / 'jlink' / 'edge.options'}", *jvm, "-jar", str(JAR), "serve"], env)

    def _override(self, cell: str, seconds: float) -> None:
        """On the first router only; it ends by itself."""
        body = {"cellID": cell, "state": "read_only", "share": 50, "expires_in": max(1, round(seconds)), "reason": "a run"}
        request = urllib.request.Request(
            f"http://127.0.0.1:{self.router_ports['alice'][1]}/cells",
            json.dumps(body).encode(),
            {"X-API-Key": ADMIN_KEY, "Content-Type": "application/json"},
        )
        with urllib.request.urlopen(request, timeout=5) as answer:
            answer.read()

    def _start_traffic(self, client: str, seconds: float) -> subprocess.Popen[bytes]:
        url = f"http://127.0.0.1:{self.router_ports[client][0]}"
        command = [
            java(),
            "-XX:TieredStopAtLevel=1",
            "-XX:+UseSerialGC",
            "-Xmx48m",
            "-jar",
            str(JAR),
            "traffic",
            url,
            "--cells",
            ",".join(CELLS),
        ]
        return self._start(
            f"traffic-{client}",
            [*command, "--warm-up", "0", "--minutes", f"{seconds / 60:.3f}", "--rate", str(RATES[client])],
            {"TRAFFIC_API_KEY": KEYS[client]},
        )

    def _start_prometheus(self) -> None:
        (self.folder / "rules.yml").write_text(yaml.safe_dump({"groups": self._quick_rules()}))
        config = {
            "global": {"scrape_interval": f"{SCRAPE_S}s", "scrape_timeout": f"{SCRAPE_S}s", "evaluation_interval": "1s"},
            "rule_files": ["rules.yml"],
            "scrape_configs": [{"job_name": "targets", "static_configs": self._targets()}],
        }
        (self.folder / "prometheus.yml").write_text(yaml.safe_dump(config))
        address = self.prometheus.url.removeprefix("http://")
        self._start(
            "prometheus",
            [
                which("prometheus"),
                "--config.file=prometheus.yml",
                "--storage.tsdb.path=tsdb",
                f"--web.listen-address={address}",
                "--log.level=warn",
            ],
        )

    def _quick_rules(self) -> list[dict[str, Any]]:
        """Evaluated every second: a run is shorter than the intervals of some groups."""
        return [{k: v for k, v in group.items() if k != "interval"} for group in self.rules]

    def _targets(self) -> list[dict[str, Any]]:
        routers = [
            _target(
                port,
                job="cell-router",
                namespace="cell-router",
                service="cell-router",
                endpoint="management",
                container="router",
                pod=f"cell-router-{i}",
            )
            for i, (_, port) in enumerate(self.router_ports.values(), start=1)
        ]
        cells = [
            _target(
                port,
                job=f"nginx-{cell}",
                namespace=f"cell-{cell}",
                service=f"nginx-{cell}",
                endpoint="metrics",
                container="exporter",
                pod=f"nginx-{cell}-1",
                cell_id=cell,
            )
            for cell, port in self.exporter_ports.items()
        ]
        return routers + cells

    def _worsen(self, cell: str) -> None:
        self.app.manners[cell] = Manner(0.12, spread=0.8, error_rate=0.2)

    def _recover(self, cell: str) -> None:
        self.app.manners[cell] = Manner(0.02, spread=0.8, error_rate=0.02)

    def _await(self, url: str, name: str, timeout_s: float = 90) -> None:
        until = time.monotonic() + timeout_s
        while time.monotonic() < until:
            if self.processes[name].poll() is not None:
                break
            try:
                with urllib.request.urlopen(url, timeout=2):
                    return
            except (urllib.error.URLError, OSError):
                threading.Event().wait(0.2)
        raise RuntimeError(f"{name} does not get ready:\n{(self.folder / f'{name}.out').read_text(errors='replace')[-3000:]}")


def _target(port: int, **labels: str) -> dict[str, Any]:
    return {"targets": [f"127.0.0.1:{port}"], "labels": labels}


@cache
def java() -> str:
    """The one that build.sh uses."""
    home = (
        os.environ.get("JAVA_HOME")
        or subprocess.run(
            ["bash", "-c", ". ./versions.env; . .ci/toolchain.sh; find_jdk"],
            cwd=ROOT,
            env=os.environ | {"ROOT": str(ROOT)},
            capture_output=True,
            text=True,
        ).stdout.strip()
    )
    return str(Path(home) / "bin" / "java") if home else "java"

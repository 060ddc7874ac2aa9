"""Load on a router: wrk for the closed loop, bench/load for the constant rate."""

import json
import subprocess
import threading
from dataclasses import dataclass
from pathlib import Path

from .process import Failed, Process, cpu_seconds, memory_mb
from .wire import HOST


def parse_wrk(output: str) -> dict:
    """What bench/load/route.lua prints at the end; latencies in microseconds."""
    for line in output.splitlines():
        if line.startswith("RESULT "):
            raw = json.loads(line[len("RESULT ") :])
            errors = {k: raw[k] for k in ("connect", "read", "write", "status", "timeout")}
            return {
                "requests": raw["requests"],
                "requests_per_s": raw["requests"] / (raw["micros"] / 1e6),
                "p50": raw["p50"],
                "p99": raw["p99"],
                "p99.9": raw["p99.9"],
                "max": raw["max"],
                "errors": errors,
                "error_count": sum(errors.values()),
            }
    raise Failed(f"wrk gave no result: {output[-400:]}")


def parse_constant(output: str) -> dict:
    """What bench/load prints; latencies in microseconds from the intended send."""
    raw = json.loads(output)
    lost = raw["status"] + raw["wrong"] + raw["socket"]
    asked = raw["answered"] + lost + raw["waiting"]
    return {
        **raw,
        "asked": asked,
        "error_count": lost,
        # Beyond saturation a percentile says how long the run was, not how fast the router is.
        "saturated": raw["waiting"] > 0 or (raw["latency"] or {}).get("p50", 0) > 500_000,
    }


@dataclass(frozen=True)
class Generators:
    wrk: str
    constant: Path
    script: Path

    def closed(self, process: Process, port: int, connections: int, seconds: int) -> dict:
        """wrk, one thread. Adds the router's CPU time a request and its memory at the end."""
        command = [self.wrk, "-t", "1", "-c", connections, "-d", f"{seconds}s", "--timeout", "10s"]
        command += ["-s", self.script, f"http://{HOST}:{port}/api/route"]
        before = cpu_seconds(process.pid)
        output = _run(command, seconds + 30)
        used = cpu_seconds(process.pid) - before
        result = parse_wrk(output)
        if not process.alive():
            raise Failed(f"it ended under load: {process.tail()}")
        if result["requests"]:
            result["cpu_us"] = used * 1e6 / result["requests"]
        result["rss_mb"] = memory_mb(process.pid)
        return result

    def constant_rate(self, port: int, rate: int, seconds: int, path="/api/route", cell=None) -> dict:
        more = ["-path", path, "-connections", 256]
        if cell is not None:
            more += ["-cells", 0, "-cell", cell]
        return self.open_loop(port, rate, seconds, more)

    def open_loop(self, port: int, rate: int, seconds: int, more: list) -> dict:
        command = [self.constant, "-addr", f"{HOST}:{port}", "-rate", rate, "-duration", f"{seconds}s", *more]
        return parse_constant(_run(command, seconds + 30))

    def count(self, port: int, requests: int, connections: int, seconds: int) -> dict:
        """So many requests, each answer checked for its cell, or as many as the time allows."""
        command = [self.constant, "-addr", f"{HOST}:{port}", "-requests", requests]
        command += ["-connections", connections, "-duration", f"{seconds}s", "-grace", "10s"]
        return parse_constant(_run(command, seconds + 60))


def _run(command, seconds: float) -> str:
    """Runs a generator to its end; it is ended itself when the bench is interrupted."""
    command = [str(part) for part in command]
    with subprocess.Popen(
        command, stdout=subprocess.PIPE, stderr=subprocess.PIPE, text=True, start_new_session=True
    ) as running:
        try:
            output, errors = running.communicate(timeout=seconds)
        except BaseException as problem:
            running.kill()
            if isinstance(problem, subprocess.TimeoutExpired):
                raise Failed(f"{command[0]} did not end within {seconds:.0f} s") from problem
            raise
    if running.returncode != 0:
        raise Failed(f"{Path(command[0]).name} failed: {errors.strip() or output.strip()}")
    return output


class MemorySampler:
    """The highest resident memory of a process tree, looked at four times a second."""

    def __init__(self, pid: int):
        self._pid = pid
        self._stop = threading.Event()
        self.peak_mb = 0.0
        self._thread = threading.Thread(target=self._sample, daemon=True)

    def _sample(self):
        while not self._stop.wait(0.25):
            self.peak_mb = max(self.peak_mb, memory_mb(self._pid))

    def __enter__(self):
        self._thread.start()
        return self

    def __exit__(self, *_):
        self._stop.set()
        self._thread.join()

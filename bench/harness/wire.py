"""The little HTTP that the harness needs itself: free ports, single requests, waiting for a 200."""

import http.client
import json
import socket
import time

from .process import Failed, Process

HOST = "127.0.0.1"


def free_ports(count: int) -> list[int]:
    sockets = [socket.socket() for _ in range(count)]
    try:
        for s in sockets:
            s.bind((HOST, 0))
        return [s.getsockname()[1] for s in sockets]
    finally:
        for s in sockets:
            s.close()


def request(port: int, method: str, path: str, body: str | None = None, headers=None, timeout=10.0):
    """Status and body of one request on its own connection."""
    connection = http.client.HTTPConnection(HOST, port, timeout=timeout)
    try:
        connection.request(method, path, body, headers or {})
        answer = connection.getresponse()
        return answer.status, answer.read()
    finally:
        connection.close()


def route(port: int, cell: str, path: str = "/api/route", timeout=10.0):
    headers = {"Content-Type": "application/json", "X-Cell-ID": cell}
    return request(port, "POST", path, json.dumps({"cellID": cell}), headers, timeout)


def until_200(process: Process, ask, seconds: float) -> float:
    """Seconds from the start of the process until `ask` gave 200 for the first time."""
    deadline = process.started + seconds
    while time.monotonic() < deadline:
        try:
            status, _ = ask()
            if status == 200:
                return time.monotonic() - process.started
        except (OSError, http.client.HTTPException):
            pass
        if not process.alive():
            raise Failed(f"it ended before it answered: {process.tail()}")
        time.sleep(0.002)
    raise Failed(f"no 200 within {seconds:.0f} s: {process.tail()}")


def server_of(body: bytes) -> str | None:
    """The cell that signed an answer, passed through as it is or wrapped in `response`."""
    try:
        value = json.loads(body)
    except ValueError:
        return None
    if isinstance(value, dict) and isinstance(value.get("response"), dict):
        value = value["response"]
    return value.get("server") if isinstance(value, dict) else None


def check_routing(port: int) -> None:
    """Each cell's request is answered by that cell, and a cell that does not exist by none."""
    for cell in ("1", "2", "3", "2", "1", "3"):
        status, body = route(port, cell)
        if status != 200 or server_of(body) != f"nginx-{cell}":
            raise Failed(f"cell {cell} was asked for, and the answer is {status} {body[:200]!r}")
    status, body = route(port, "9")
    if status < 400 or server_of(body):
        raise Failed(f"a cell that does not exist was answered with {status} {body[:200]!r}")

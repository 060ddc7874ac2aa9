"""The three cells: real nginx, one process each, on loopback."""

import os
import re
from pathlib import Path

from .process import Failed, Process, Processes, tree
from .wire import free_ports, request, route, server_of, until_200


def render(template: Path, target: Path, **values) -> Path:
    """Fills ${NAME} in capitals; nginx's own $variables stay."""
    text = re.sub(r"\$\{([A-Z][A-Z0-9_]*)\}", lambda m: str(values[m.group(1)]), template.read_text())
    target.write_text(text)
    return target


class Cells:
    def __init__(self, nginx: str, template: Path, folder: Path, processes: Processes):
        self._nginx, self._template, self._folder, self._processes = nginx, template, folder, processes
        self.ports: dict[str, int] = {}
        self.second_ports: dict[str, int] = {}  # of the same process: another address of the cell
        self._running: dict[str, Process] = {}

    def start(self) -> None:
        ports = free_ports(6)
        for cell, port, second in zip(("1", "2", "3"), ports[:3], ports[3:]):
            folder = self._folder / f"cell-{cell}"
            folder.mkdir()
            config = render(self._template, folder / "nginx.conf", CELL=cell, PORT=port, SECOND_PORT=second, DIR=folder)
            command = [self._nginx, "-p", folder, "-c", config]
            process = self._processes.start(command, folder / "nginx.log")
            try:
                until_200(process, lambda port=port: request(port, "GET", "/health"), 10)
            except Failed as problem:
                raise Failed(f"nginx-{cell} (a cell) did not start: {problem}") from problem
            status, body = route(port, cell, "/api")
            if status != 200 or server_of(body) != f"nginx-{cell}":
                raise Failed(f"nginx-{cell} (a cell) answers {status} {body[:200]!r}")
            self.ports[cell] = port
            self.second_ports[cell] = second
            self._running[cell] = process

    def signal(self, cell: str, number: int) -> None:
        """To all processes of the cell."""
        for pid in tree(self._running[cell].pid):
            os.kill(pid, number)

    def check(self) -> None:
        for cell, process in self._running.items():
            if not process.alive():
                raise Failed(f"nginx-{cell} (a cell) ended during the run: {process.tail()}")

    def environment(self) -> dict[str, str]:
        return {f"NGINX_{cell}_URL": f"http://127.0.0.1:{port}" for cell, port in self.ports.items()}

    def template_values(self) -> dict[str, int]:
        """For a configuration that names the cells itself."""
        first = {f"CELL_{cell}_PORT": port for cell, port in self.ports.items()}
        return {**first, **{f"CELL_{cell}_SECOND_PORT": port for cell, port in self.second_ports.items()}}

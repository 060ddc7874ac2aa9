"""kubectl port-forward on a free port of loopback."""

import re
import subprocess
import threading
from collections.abc import Iterator
from contextlib import contextmanager
from typing import TextIO

from .command import Failed


@contextmanager
def forward(namespace: str, target: str, port: int) -> Iterator[int]:
    """Gives the local port; target is like service/NAME."""
    command = ["kubectl", "--namespace", namespace, "port-forward", "--address", "127.0.0.1", target, f":{port}"]
    process = subprocess.Popen(command, stdin=subprocess.DEVNULL, stdout=subprocess.PIPE, stderr=subprocess.STDOUT, text=True)
    try:
        line = process.stdout.readline() if process.stdout else ""
        found = re.search(r"127\.0\.0\.1:(\d+)", line)
        if not found:
            raise Failed(f"{' '.join(command)}: {line}")
        # A line for each connection: a full pipe would stop kubectl.
        threading.Thread(target=drain, args=(process.stdout,), daemon=True).start()
        yield int(found.group(1))
    finally:
        process.terminate()
        process.wait(timeout=10)


def drain(output: TextIO) -> None:
    for _ in output:
        pass

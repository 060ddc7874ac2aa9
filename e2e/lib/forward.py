"""kubectl port-forward on a free port of loopback."""

import re
import subprocess
from collections.abc import Iterator
from contextlib import contextmanager

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
        yield int(found.group(1))
    finally:
        process.terminate()
        process.wait(timeout=10)

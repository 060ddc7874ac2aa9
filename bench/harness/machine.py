"""What the figures were taken on."""

import gzip
import io
import os
import platform
import re
import tarfile
from pathlib import Path


def describe() -> dict:
    cpuinfo = Path("/proc/cpuinfo").read_text()
    model = re.search(r"^model name\s*:\s*(.+)$", cpuinfo, re.M)
    total = re.search(r"^MemTotal:\s*(\d+)", Path("/proc/meminfo").read_text(), re.M)
    return {
        "cpu": model.group(1) if model else platform.machine(),
        "cores": len(os.sched_getaffinity(0)),
        "memory_gb": int(total.group(1)) / (1 << 20) if total else 0,
        "kernel": platform.release(),
        "load": " ".join(f"{value:.2f}" for value in os.getloadavg()),
    }


class _Counter(io.RawIOBase):
    def __init__(self):
        self.count = 0

    def writable(self):
        return True

    def write(self, data):
        self.count += len(data)
        return len(data)


def size(folder: Path) -> dict:
    """On disk, and as an image layer: a tar packed by gzip."""
    disk = sum(p.stat().st_size for p in folder.rglob("*") if p.is_file() and not p.is_symlink())
    packed = _Counter()
    with gzip.GzipFile(fileobj=packed, mode="wb", compresslevel=6) as out:
        with tarfile.open(fileobj=out, mode="w|") as tar:
            tar.add(folder, arcname="runtime")
    return {"disk_mb": disk / 1e6, "gzip_mb": packed.count / 1e6}

"""What the figures were taken on."""

import gzip
import io
import os
import platform
import re
import tarfile
from pathlib import Path

from .process import TICKS_PER_SECOND, cpu_seconds


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


def parse_cpu(stat: str) -> dict:
    """Seconds since boot, over all cores, from /proc/stat: spent in processes, taken by the host, in all.

    Interrupts are left out of `processes`: no process is charged for them either."""
    fields = [int(f) for f in stat.splitlines()[0].split()[1:9]]
    user, nice, system, _idle, _wait, _irq, _softirq, steal = fields
    return {
        "processes": (user + nice + system) / TICKS_PER_SECOND,
        "steal": steal / TICKS_PER_SECOND,
        "all": sum(fields) / TICKS_PER_SECOND,
    }


def core_now(core: int) -> dict:
    """Seconds since boot that one core was busy (with interrupts too), and all of them."""
    line = next(l for l in Path("/proc/stat").read_text().splitlines() if l.startswith(f"cpu{core} "))
    fields = [int(f) / TICKS_PER_SECOND for f in line.split()[1:9]]
    return {"busy": sum(fields) - fields[3] - fields[4], "all": sum(fields)}


def cpu_now() -> dict:
    """The machine's CPU time, and what of it the bench and all that it started have used."""
    ended = os.times()
    own = cpu_seconds(os.getpid()) + ended.children_user + ended.children_system
    return {**parse_cpu(Path("/proc/stat").read_text()), "own": own}


def disturbance(before: dict, after: dict) -> dict:
    """Per cent of the machine's CPU time that went to other programs, and to other machines on the host."""
    spent = {key: after[key] - before[key] for key in before}
    whole = max(spent["all"], 1e-9)
    return {
        "others_percent": max(0.0, 100 * (spent["processes"] - spent["own"]) / whole),
        "steal_percent": max(0.0, 100 * spent["steal"] / whole),
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

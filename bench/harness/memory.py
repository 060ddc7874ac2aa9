"""Memory under a container's limit: so many requests, the highest resident memory, and no error."""

import os
import re
import time
from pathlib import Path

from .load import MemorySampler
from .process import Failed, memory_mb

LIMIT_MB = 160


class Limit:
    """A control group that holds one process tree below LIMIT_MB, as a container runtime does."""

    def __init__(self, parent: Path):
        self.folder = parent / f"cell-router-bench-{os.getpid()}"
        self.folder.mkdir()
        try:
            if (self.folder / "memory.max").exists():
                (self.folder / "memory.max").write_text(f"{LIMIT_MB}M")
                if (self.folder / "memory.swap.max").exists():
                    (self.folder / "memory.swap.max").write_text("0")
            elif (self.folder / "memory.limit_in_bytes").exists():
                (self.folder / "memory.limit_in_bytes").write_text(str(LIMIT_MB << 20))
            else:
                raise Failed(f"{parent} has no memory controller")
        except (OSError, Failed):
            self.folder.rmdir()
            raise

    def close(self) -> None:
        # The kernel may need a moment until it has let go of the ended processes.
        for _ in range(50):
            try:
                self.folder.rmdir()
                return
            except OSError:
                time.sleep(0.1)
        raise Failed(f"the control group {self.folder} could not be removed")


def parent_group(proc_cgroup: str, mounts: str, exists=os.path.exists, read=None) -> Path | None:
    """The nearest cgroup v2 folder, from the own one upwards, that may hand memory limits to children."""
    read = read or (lambda path: Path(path).read_text())
    own = re.search(r"^0::(.*)$", proc_cgroup, re.M)
    mount = re.search(r"^\S+ (\S+) cgroup2 ", mounts, re.M)
    if not (own and mount):
        return None
    root = Path(mount.group(1))
    folder = root / own.group(1).lstrip("/")
    while True:
        control = folder / "cgroup.subtree_control"
        if exists(control) and "memory" in read(control).split():
            return folder
        if folder == root or folder == folder.parent:
            return None
        folder = folder.parent


def make_limit(explicit: Path | None) -> tuple[Limit | None, str]:
    """The limit, or None with the reason why there is none."""
    parent = explicit
    if parent is None:
        parent = parent_group(Path("/proc/self/cgroup").read_text(), Path("/proc/mounts").read_text())
        if parent is None:
            return None, "no cgroup v2 with a memory controller that may be used here"
    try:
        return Limit(parent), f"limit of {LIMIT_MB} MB enforced by a control group"
    except (OSError, Failed) as problem:
        return None, f"no control group could be made: {problem}"


# Without a control group a JVM is at least told the memory and the collector it would find in one.
AS_IF_LIMITED = {"JAVA_TOOL_OPTIONS": f"-XX:MaxRAM={LIMIT_MB}m -XX:+UseSerialGC"}


def memory_test(starter, generators, contender, requests: int, seconds: int, explicit: Path | None) -> dict:
    limit, how = make_limit(explicit)
    running = None
    result = {"limited": limit is not None, "how": how, "requests": requests, "died": False}
    try:
        try:
            group, extra = (limit.folder, None) if limit else (None, AS_IF_LIMITED)
            running = starter.start(contender, cgroup=group, extra=extra)
            starter.wait(running)
            with MemorySampler(running.process.pid) as sampler:
                load = generators.count(running.port, requests, 64, seconds)
        except Failed as problem:
            died = running is not None and not running.process.alive()
            return {**result, "failed": str(problem)[:300], "died": died}
        result["load"] = load
        result["died"] = not running.process.alive()
        result["rss_mb"] = sampler.peak_mb
        if not result["died"]:
            result["rss_mb"] = max(sampler.peak_mb, memory_mb(running.process.pid))
            result["hwm_mb"] = memory_mb(running.process.pid, "VmHWM")
        return result
    finally:
        if running:
            starter.stop(running)
        if limit:
            limit.close()

"""Processes of a run: started in a known state, measured through /proc, ended by their IDs."""

import ctypes
import os
import signal
import subprocess
import time
from pathlib import Path

TICKS_PER_SECOND = os.sysconf("SC_CLK_TCK")
PAGE_KB = os.sysconf("SC_PAGE_SIZE") // 1024
PR_SET_PDEATHSIG = 1


class Failed(Exception):
    """Something that a run needs did not work; the message is for the user."""


def parse_stat(text: str) -> tuple[int, int]:
    """Parent and CPU ticks (user and system) from /proc/<pid>/stat."""
    # The command's name stands in parentheses and may itself hold spaces and parentheses.
    fields = text[text.rindex(")") + 2 :].split()
    return int(fields[1]), int(fields[11]) + int(fields[12])


def parse_status_kb(text: str, name: str) -> int:
    """A field of /proc/<pid>/status that is given in kB; 0 when it is not there."""
    for line in text.splitlines():
        if line.startswith(name + ":"):
            return int(line.split()[1])
    return 0


def _stat(pid: int) -> tuple[int, int] | None:
    try:
        return parse_stat(Path(f"/proc/{pid}/stat").read_text())
    except (OSError, ValueError, IndexError):
        return None


def start_time(pid: int) -> str | None:
    """In ticks since boot; with the ID it names one process for ever."""
    try:
        text = Path(f"/proc/{pid}/stat").read_text()
    except OSError:
        return None
    return text[text.rindex(")") + 2 :].split()[19]


def tree(pid: int) -> list[int]:
    """The process and all its descendants."""
    parents: dict[int, list[int]] = {}
    for entry in os.listdir("/proc"):
        if entry.isdigit() and (stat := _stat(int(entry))):
            parents.setdefault(stat[0], []).append(int(entry))
    found, waiting = [], [pid]
    while waiting:
        current = waiting.pop()
        found.append(current)
        waiting.extend(parents.get(current, []))
    return found


def cpu_seconds(pid: int) -> float:
    """User and system time of the process and its descendants (those that are still alive)."""
    return sum(stat[1] for p in tree(pid) if (stat := _stat(p))) / TICKS_PER_SECOND


def memory_mb(pid: int, field: str = "VmRSS") -> float:
    """Resident memory of the process and its descendants; `VmHWM` is the highest it ever was."""
    total = 0
    for p in tree(pid):
        try:
            total += parse_status_kb(Path(f"/proc/{p}/status").read_text(), field)
        except OSError:
            continue
    return total / 1024


class Process:
    """A started program. `stop` ends it and its descendants, by the IDs seen."""

    def __init__(self, command, log: Path, env=None, cores=None, cgroup: Path | None = None):
        self.command = [str(part) for part in command]
        self.log = log
        libc = ctypes.CDLL(None)

        def prepare():
            # Should the bench itself be killed, what it started must not live on. (SIGTERM: nginx
            # passes it on to its workers, which would outlive a killed master.)
            libc.prctl(PR_SET_PDEATHSIG, signal.SIGTERM)
            if cores is not None:
                os.sched_setaffinity(0, cores)
            if cgroup is not None:
                (cgroup / "cgroup.procs").write_text(str(os.getpid()))

        with open(log, "ab") as out:
            self.started = time.monotonic()
            try:
                self._popen = subprocess.Popen(
                    self.command,
                    env=env,
                    stdin=subprocess.DEVNULL,
                    stdout=out,
                    stderr=out,
                    start_new_session=True,  # Ctrl-C reaches the bench alone, which ends them in order
                    preexec_fn=prepare,
                )
            except (OSError, subprocess.SubprocessError) as problem:
                raise Failed(f"{self.command[0]} could not be started: {problem}") from problem
        self.pid = self._popen.pid

    def alive(self) -> bool:
        return self._popen.poll() is None

    def tail(self, characters: int = 600) -> str:
        try:
            return self.log.read_text(errors="replace")[-characters:].strip()
        except OSError:
            return ""

    def stop(self, gently: bool = True, seconds: float = 8) -> None:
        if not self.alive():
            return
        members = [(p, start_time(p)) for p in tree(self.pid)[1:]]
        if gently:
            self._popen.terminate()
            try:
                self._popen.wait(seconds)
            except subprocess.TimeoutExpired:
                pass
        # A descendant that was left behind; the start time tells it from a later owner of its ID.
        for member, started in members:
            if started is not None and start_time(member) == started:
                _kill(member)
        if self.alive():
            self._popen.kill()
        self._popen.wait()


def _kill(pid: int) -> None:
    try:
        os.kill(pid, signal.SIGKILL)
    except ProcessLookupError:
        pass


class Processes:
    """All processes of a run, so that none is left whatever way the run ends."""

    def __init__(self):
        self._all: list[Process] = []

    def __iter__(self):
        return iter(self._all)

    def start(self, *args, **kwargs) -> Process:
        process = Process(*args, **kwargs)
        self._all.append(process)
        return process

    def stop(self, process: Process, gently: bool = True) -> None:
        process.stop(gently)
        self._all.remove(process)

    def stop_all(self) -> None:
        for process in reversed(self._all):
            process.stop(seconds=3)
        self._all.clear()

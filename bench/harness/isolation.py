"""What the clients of healthy cells see while another cell hangs."""

import signal
import time
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass

from .contenders import Contender
from .process import Failed
from .rig import Rig, in_turn, rounds

SICK = "3"


@dataclass(frozen=True)
class IsolationPlan:
    """Seconds, requests a second, and how often it is done."""

    rounds: int = 3
    before: int = 4
    hanging: int = 13
    after: int = 4
    healthy_rate: int = 150  # over the two healthy cells: what the slowest of the peers can bear
    sick_rate: int = 100  # to the cell that hangs: a pool of 100 connections is used up in a second
    warm_up_scale: float = 0.4
    settle: int = 3

    def warm_up(self, contender: Contender) -> int:
        return max(1, round(contender.warm_up * self.warm_up_scale))

    @property
    def cuts(self) -> list[int]:
        return [self.before, self.before + self.hanging, self.before + self.hanging + self.after]

    def seconds(self, contender: Contender) -> float:
        return self.warm_up(contender) + self.settle + self.cuts[-1] + 4

    def total(self, contenders: list[Contender]) -> float:
        return self.rounds * sum(self.seconds(c) for c in contenders)


QUICK_ISOLATION = IsolationPlan(rounds=1, before=2, hanging=3, after=2, warm_up_scale=0.12, settle=1)


class Isolation:
    def __init__(self, plan: IsolationPlan, rig: Rig):
        self._plan, self._rig = plan, rig

    def rounds(self, contenders: list[Contender]) -> list[dict]:
        results = []
        for number, name in rounds(self._plan.rounds):
            order = in_turn(number, contenders)
            result: dict = {"order": [c.key for c in order]}
            for contender in order:
                self._rig.progress.step(f"{name} · {contender.title}", self._plan.seconds(contender))
                try:
                    result[contender.key] = self._one(contender)
                except Failed as problem:
                    self._rig.fail(f"{contender.title}, {name}: {problem}")
                self._rig.cells.check()
            results.append(result)
        return results

    def _one(self, contender: Contender) -> dict:
        with self._rig.routing(contender) as running:
            self._rig.generators.closed(running.process, running.port, 64, self._plan.warm_up(contender))
            both = self._plan.healthy_rate + self._plan.sick_rate
            self._rig.generators.constant_rate(running.port, both, self._plan.settle)
            with ThreadPoolExecutor(2) as loads:
                healthy = loads.submit(self._load, running.port, self._plan.healthy_rate, ["-cells", 2])
                sick = loads.submit(self._load, running.port, self._plan.sick_rate, ["-cells", 0, "-cell", SICK])
                self._hang()
                result = {"healthy": healthy.result(), "sick": sick.result()}
            if not running.process.alive():
                raise Failed(f"it ended under load: {running.process.tail()}")
            return result

    def _load(self, port: int, rate: int, cells: list) -> dict:
        plan = self._plan
        cuts = ",".join(f"{cut}s" for cut in plan.cuts)
        # As many connections as a client could want that never gives up: none waits for another's.
        more = [*cells, "-connections", 4096, "-window", "1s", "-cuts", cuts, "-grace", "15s"]
        return self._rig.generators.open_loop(port, rate, plan.cuts[-1], more)

    def _hang(self) -> None:
        """Stops the cell's processes, as `kill -STOP` does: its kernel accepts, nobody answers."""
        time.sleep(self._plan.before)
        self._rig.cells.signal(SICK, signal.SIGSTOP)
        try:
            time.sleep(self._plan.hanging)
        finally:
            self._rig.cells.signal(SICK, signal.SIGCONT)


def raise_descriptors() -> None:
    """A hanging cell's requests pile up; a shell's limit of 1,024 open files would be measured instead."""
    import resource

    soft, hard = resource.getrlimit(resource.RLIMIT_NOFILE)
    wanted = 16_384 if hard == resource.RLIM_INFINITY else min(hard, 16_384)
    if soft != resource.RLIM_INFINITY and soft < wanted:
        resource.setrlimit(resource.RLIMIT_NOFILE, (wanted, hard))
    if wanted < 8_192:
        raise Failed(f"a process may open only {hard} files here; the isolation picture needs 8,192 (ulimit -Hn)")

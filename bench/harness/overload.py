"""What happens when more is asked of this router than its own CPU can do: it has one core, the cells and the
generator another one."""

import os
from dataclasses import dataclass
from pathlib import Path

from .contenders import COMMON, Contender, Running
from .machine import core_now
from .process import Failed, Processes, cpu_seconds, tree
from .rig import Rig, in_turn, rounds, until_warm

ROUTERS_CORE, OTHER_CORE = 0, 1


@dataclass(frozen=True)
class OverloadPlan:
    """Seconds, connections, and multiples of the capacity."""

    rounds: int = 3
    warm_up: int = 5  # until that no longer gets faster, at most `warm_ups` times; then twice above the capacity
    warm_ups: int = 14
    capacity_connections: int = 12  # within the limit of the second contender, and enough for one core
    capacity: int = 6
    at_ease: float = 0.3  # of the capacity: what is called unloaded
    ease: int = 8
    factors: tuple = (1.0, 2.0)
    connections: int = 512  # most that the open loop opens: a pool as clients have one
    skip: int = 4  # the beginning of each load, in which a limit finds its place
    seconds: int = 8  # after that

    def one(self) -> float:
        loads = len(self.factors) * (self.skip + self.seconds + 2)
        return (self.warm_ups / 2 + 2) * self.warm_up + 2 + 2 * self.capacity + self.ease + loads + 4

    def total(self, contenders: list[Contender]) -> float:
        return self.rounds * len(contenders) * self.one()


QUICK_OVERLOAD = OverloadPlan(rounds=1, warm_up=2, warm_ups=1, capacity=2, ease=2, factors=(2.0,), skip=1, seconds=2)


def overload_contenders(start: Path, version: str) -> list[Contender]:
    """This router with its defaults; with a limit of what one core can have under way without much queueing; and
    with its refusals held back as well."""
    small = {"ROUTER_MAX_IN_FLIGHT": "16"}
    slow = {**small, "REFUSAL_DELAY": "500"}
    return [
        Contender("default", "Defaults", (start,), version, environment=COMMON),
        Contender("limit", "ROUTER_MAX_IN_FLIGHT=16", (start,), version, environment={**COMMON, **small}),
        Contender("delay", "the same and REFUSAL_DELAY=500", (start,), version, environment={**COMMON, **slow}),
    ]


class Overload:
    def __init__(self, plan: OverloadPlan, rig: Rig):
        self._plan, self._rig = plan, rig

    def rounds(self, contenders: list[Contender]) -> list[dict]:
        results = []
        for number, name in rounds(self._plan.rounds):
            order = in_turn(number, contenders)
            result: dict = {"order": [c.key for c in order]}
            for contender in order:
                self._rig.progress.step(f"{name} · {contender.title}", self._plan.one())
                try:
                    result[contender.key] = self._one(contender)
                except Failed as problem:
                    self._rig.fail(f"{contender.title}, {name}: {problem}")
                self._rig.cells.check()
            results.append(result)
        return results

    def _one(self, contender: Contender) -> dict:
        plan = self._plan
        with self._rig.routing(contender, cores={ROUTERS_CORE}) as running:
            warm_up = until_warm(lambda: self._closed(running, plan.warm_up)["requests_per_s"], plan.warm_ups)
            # Refusals are another path through the code, and the compilers share the router's core.
            self._open(running, self._closed(running, 2)["requests_per_s"] * 2, 2 * plan.warm_up, 0)
            capacity = self._closed(running, plan.capacity)
            most = capacity["requests_per_s"]
            ease = self._open(running, most * plan.at_ease, plan.ease, 0)
            loads = {f"{factor:g}": self._open(running, most * factor, plan.skip + plan.seconds, plan.skip) for factor in plan.factors}
            # The machine may have become faster or slower meanwhile: the ratios are to the mean of both.
            again = self._closed(running, plan.capacity)
            return {"warm_up": warm_up, "capacity": capacity, "capacity_again": again, "ease": ease, "loads": loads}

    def _closed(self, running: Running, seconds: int) -> dict:
        return self._rig.generators.closed(running.process, running.port, self._plan.capacity_connections, seconds)

    def _open(self, running: Running, rate: float, seconds: int, skip: int) -> dict:
        before, cpu = core_now(OTHER_CORE), cpu_seconds(running.process.pid)
        more = ["-connections", self._plan.connections, "-skip", f"{skip}s", "-grace", "1s"]
        result = self._rig.generators.open_loop(running.port, round(rate), seconds, more)
        result["rate"] = round(rate)
        result["router_cores"] = (cpu_seconds(running.process.pid) - cpu) / result["seconds"]
        after = core_now(OTHER_CORE)
        result["other_core_busy"] = (after["busy"] - before["busy"]) / max(1e-9, after["all"] - before["all"])
        return result


def keep_off_the_routers_core(processes: Processes) -> None:
    """What runs already (the cells), this process, and with it the generators that it will start."""
    if not {ROUTERS_CORE, OTHER_CORE} <= os.sched_getaffinity(0):
        raise Failed("--overload needs two cores: one is the router's alone.")
    for pid in [os.getpid(), *(member for process in processes for member in tree(process.pid))]:
        os.sched_setaffinity(pid, {OTHER_CORE})

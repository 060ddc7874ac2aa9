"""The measurements of a run, in order: rounds of load, start-ups, memory."""

import itertools
import re
from dataclasses import dataclass

from .contenders import Contender
from .figures import LEVELS
from .memory import memory_test
from .process import Failed, cpu_seconds
from .rig import Rig, in_turn, rounds

ANSWERED = re.compile(r'"status": ?200\b')
TROUBLE = re.compile(r'"status": ?[^2]|"level": ?"(WARN|ERROR)|\b(WARN|ERROR|Exception)\b')


@dataclass(frozen=True)
class Plan:
    """How long everything takes, in seconds, and how often it is done."""

    rounds: int = 3
    rate: int = 2000
    closed: tuple = (5, 10, 8)  # at 1, 64, 256 connections
    constant: int = 10
    starts: int = 5
    memory_requests: int = 200_000
    memory_seconds: int = 150
    warm_up_scale: float = 1.0
    latency_only: bool = False  # neither closed loops nor starts nor memory: the constant rate alone

    def warm_up(self, contender: Contender) -> int:
        return max(1, round(contender.warm_up * self.warm_up_scale))

    def settle(self, contender: Contender) -> int:
        return max(1, round(min(contender.warm_up, 18) * self.warm_up_scale))

    def round_seconds(self, contender: Contender) -> float:
        closed = 0 if self.latency_only else sum(self.closed)
        return self.warm_up(contender) + self.settle(contender) + closed + 2 * self.constant + 4

    def total(self, contenders: list[Contender], started: list[Contender], limited: list[Contender]) -> float:
        each_round = sum(self.round_seconds(c) for c in contenders) + self.constant
        starts = sum(start_guess(c) for c in started) * self.starts * 2
        return self.rounds * each_round + starts + len(limited) * self.memory_requests / 4000


def start_guess(contender: Contender) -> float:
    return {"scg": 5.0, "fastapi": 2.0}.get(contender.key, 0.6)


class Measurement:
    def __init__(self, plan: Plan, rig: Rig):
        self._plan, self._rig = plan, rig
        self.error_lines: dict[str, list[str]] = {}

    def rounds(self, contenders: list[Contender]) -> list[dict]:
        results = []
        for number, name in rounds(self._plan.rounds):
            order = in_turn(number, contenders)
            self._rig.progress.step(f"{name} · direct to a cell · {self._plan.rate:,}/s", self._plan.constant)
            result = {"order": [c.key for c in order], "direct": self._direct()}
            for contender in order:
                try:
                    result[contender.key] = self._one(name, contender)
                except Failed as problem:
                    self._rig.fail(f"{contender.title}, {name}: {problem}")
                self._rig.cells.check()
            results.append(result)
        return results

    def _direct(self) -> dict:
        port = self._rig.cells.ports["1"]
        return self._rig.generators.constant_rate(port, self._plan.rate, self._plan.constant, "/api", cell=1)

    def _one(self, name: str, contender: Contender) -> dict:
        say = lambda what, seconds: self._rig.progress.step(f"{name} · {contender.title} · {what}", seconds)
        warm_up, settle = self._plan.warm_up(contender), self._plan.settle(contender)
        say("start, check, warm-up", warm_up + 4)
        with self._rig.routing(contender) as running:
            self._rig.generators.closed(running.process, running.port, 64, warm_up)
            closed = {}
            for level, seconds in zip(LEVELS, self._plan.closed) if not self._plan.latency_only else ():
                say(f"{level} connection{'s' if level != '1' else ''}", seconds)
                closed[level] = self._rig.generators.closed(running.process, running.port, int(level), seconds)
            # At a constant rate other code is hot than under a closed loop: a compiler that is still
            # at it would be measured instead of the router.
            say(f"warm-up at {self._plan.rate:,}/s", settle)
            self._rig.generators.constant_rate(running.port, self._plan.rate, settle)
            # The direct path right before, with the machine as warm: what is added is a difference of
            # tenths of a millisecond, and a minute later the machine is another one.
            say(f"direct to a cell, {self._plan.rate:,}/s", self._plan.constant)
            direct = self._direct()
            say(f"{self._plan.rate:,}/s", self._plan.constant)
            before = cpu_seconds(running.process.pid)
            constant = self._rig.generators.constant_rate(running.port, self._plan.rate, self._plan.constant)
            if constant["answered"]:
                used = cpu_seconds(running.process.pid) - before
                constant["cpu_us"] = used * 1e6 / constant["answered"]
            if not running.process.alive():
                raise Failed(f"it ended under load: {running.process.tail()}")
            if any(load["error_count"] for load in (*closed.values(), constant)):
                self._keep_error_lines(contender, running)
            return {"closed": closed, "constant": constant, "direct": direct}

    def _keep_error_lines(self, contender: Contender, running) -> None:
        """What the router itself logged about requests that failed, for the raw result."""
        with open(running.process.log, errors="replace") as log:
            told = (line.strip()[:500] for line in log if not ANSWERED.search(line))
            lines = list(itertools.islice((line for line in told if TROUBLE.search(line)), 5))
        self.error_lines.setdefault(contender.key, []).extend(lines)
        self._rig.progress.say(f"errors · {contender.title}" + "".join(f"\n        {line}" for line in lines))

    def start_ups(self, contenders: list[Contender]) -> dict:
        """Alternating as well: one start of each, then the next."""
        samples: dict[str, dict[str, list]] = {}
        for cores, pinned in ((1, {0}), (2, {0, 1})):
            for number in range(self._plan.starts):
                planned = sum(start_guess(c) for c in contenders)
                unit = "one core" if cores == 1 else "two cores"
                self._rig.progress.step(f"start-up {number + 1} of {self._plan.starts}, {unit}", planned)
                for contender in contenders:
                    running = self._rig.starter.start(contender, cores=pinned)
                    try:
                        health, routed = self._rig.starter.wait(running)
                        of = samples.setdefault(contender.key, {}).setdefault(str(cores), [])
                        of.append({"health": health, "routed": routed})
                    except Failed as problem:
                        self._rig.fail(f"{contender.title}, start on {unit}: {problem}")
                    finally:
                        self._rig.starter.stop(running, gently=False)
        return samples

    def memory(self, contenders: list[Contender], group) -> dict:
        results = {}
        for contender in contenders:
            text = f"memory · {contender.title} · {self._plan.memory_requests:,} requests"
            self._rig.progress.step(text, self._plan.memory_requests / 4000)
            results[contender.key] = memory_test(
                self._rig.starter, self._rig.generators, contender,
                self._plan.memory_requests, self._plan.memory_seconds, group,
            )
        return results

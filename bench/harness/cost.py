"""What the protections cost: CPU a request of this router with all of them on, with all that can be off, and
of the router before there were any."""

import os
import re
import shutil
import subprocess
from contextlib import ExitStack
from dataclasses import dataclass
from functools import partial
from pathlib import Path

from .contenders import COMMON, Contender
from .process import Failed
from .rig import Rig, in_turn, rounds, until_warm

# The last commit without isolation.
BEFORE = "a679db90d0b1262b967e18472d84cb639326f91b"
KEYS = ("before", "off", "on")

OFF = {
    "CELL_BREAKER": "false",
    "CELL_MAX_IN_FLIGHT": "100000",
    "CELL_RETRY_ATTEMPTS": "1",
    "ROUTER_MAX_IN_FLIGHT": "100000",
}
ON = {"ROUTER_CONFIG": "{config}", "CLIENT_RATE": "1000000", "CLIENT_BURST": "1000000", "ROUTER_MAX_IN_FLIGHT": "10000"}


@dataclass(frozen=True)
class CostPlan:
    rounds: int = 3  # each starts all three anew: how a JVM compiled is one sample
    turns: int = 6  # within a round, each router once in a turn
    seconds: int = 3
    connections: int = 64
    warm_up: int = 6  # until that no longer gets faster, at most `warm_ups` times
    warm_ups: int = 10
    starts: int = 5
    seconds_of_starts: float = 3.0

    def round_seconds(self) -> float:
        return len(KEYS) * (self.warm_up * self.warm_ups / 2 + self.turns * (self.seconds + 0.3)) + 6

    def total(self) -> float:
        return self.rounds * self.round_seconds() + 2 * self.starts * self.seconds_of_starts


QUICK_COST = CostPlan(rounds=1, turns=2, seconds=1, warm_up=2, warm_ups=1, starts=1)


def cost_contenders(start: Path, before: Path, root: Path, version: str) -> list[Contender]:
    template = root / "bench" / "peers" / "router" / "all-on.yaml.template"
    return [
        Contender("before", "Before isolation", (before,), BEFORE[:10], environment=COMMON),
        Contender("off", "Protections off", (start,), version, environment={**COMMON, **OFF}),
        Contender("on", "All protections on", (start,), version, environment={**COMMON, **ON}, template=template, own_cells=True),
    ]


class Cost:
    """All three run at once and take turns under load: what is compared was measured seconds apart."""

    def __init__(self, plan: CostPlan, rig: Rig):
        self._plan, self._rig = plan, rig

    def rounds(self, contenders: list[Contender]) -> list[dict]:
        results = []
        for _, name in rounds(self._plan.rounds):
            self._rig.progress.step(name, self._plan.round_seconds())
            results.append(self._one(contenders))
            self._rig.cells.check()
        return results

    def _one(self, contenders: list[Contender]) -> dict:
        plan = self._plan
        with ExitStack() as all_of_them:
            running = [all_of_them.enter_context(self._rig.routing(contender)) for contender in contenders]
            warm_up = {}
            for one in running:
                warm_up[one.contender.key] = until_warm(partial(self._warm, one), plan.warm_ups)
            turns = []
            for turn in range(plan.turns):
                turns.append({one.contender.key: self._load(one, plan.seconds) for one in in_turn(turn, running)})
            return {"warm_up": warm_up, "turns": turns}

    def _warm(self, one) -> float:
        return self._load(one, self._plan.warm_up)["requests_per_s"]

    def _load(self, one, seconds: int) -> dict:
        try:
            return self._rig.generators.closed(one.process, one.port, self._plan.connections, seconds)
        except Failed as problem:
            raise Failed(f"{one.contender.title}: {problem}") from problem


def build_before(root: Path, cache: Path, java_home: str | None, say) -> Path:
    """The start script of the runtime of BEFORE, built once from the history under target/bench/."""
    target = cache / "before"
    start, mark = target / "target" / "runtime" / "bin" / "router", target / "commit"
    if start.exists() and mark.exists() and mark.read_text() == BEFORE:
        return start
    if _git(root, "cat-file", "-e", f"{BEFORE}^{{commit}}").returncode != 0:
        raise Failed(
            f"this clone's history does not hold commit {BEFORE}, the router before isolation: "
            "git fetch --unshallow fetches it."
        )
    say("building the router as it was before isolation (once)")
    shutil.rmtree(target, ignore_errors=True)
    target.mkdir(parents=True)
    archive = cache / "before.tar"
    if (done := _git(root, "archive", "--output", str(archive), BEFORE)).returncode != 0:
        raise Failed(f"git archive {BEFORE} failed: {done.stderr.strip()}")
    subprocess.run(["tar", "-xf", archive, "-C", target], check=True)
    archive.unlink()
    log = cache / "before.log"
    environment = {**os.environ, **({"JAVA_HOME": java_home} if java_home else {})}
    with open(log, "w") as out:
        done = subprocess.run(["./build.sh", "runtime"], cwd=target, env=environment, stdout=out, stderr=out, check=False)
    if done.returncode != 0 or not start.exists():
        last = re.sub(r"\s+", " ", log.read_text(errors="replace"))[-300:]
        raise Failed(f"the router before isolation could not be built, see target/bench/{log.name}: {last}")
    mark.write_text(BEFORE)
    return start


def _git(root: Path, *arguments: str) -> subprocess.CompletedProcess:
    try:
        return subprocess.run(["git", "-C", str(root), *arguments], capture_output=True, text=True, check=False)
    except OSError as problem:
        raise Failed(f"git is needed for the router before isolation: {problem}") from problem

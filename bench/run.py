#!/usr/bin/env python3
"""Side-by-side benchmark: this router and its peers in front of the same three nginx cells.

Writes bench/results/<date>.md, .json, latest.md and docs/bench.svg; --isolation, --cost and --overload write
pages of their own beside them; a --quick run writes to target/bench/quick/ instead. See bench/README.md for what is measured, how,
and how far it is fair.
"""

import argparse
import json
import os
import shlex
import shutil
import signal
import sys
import tempfile
import time
from collections.abc import Callable
from dataclasses import dataclass, replace
from datetime import datetime
from pathlib import Path

from harness.cells import Cells
from harness.chart import chart
from harness.contenders import COMMON, Starter, contenders, plain_jdk
from harness.cost import BEFORE, QUICK_COST, Cost, CostPlan, build_before, cost_contenders
from harness.cost_report import cost_bars, cost_report
from harness.figures import bars
from harness.isolation import QUICK_ISOLATION, Isolation, IsolationPlan, raise_descriptors
from harness.isolation_figures import isolation_bars
from harness.isolation_report import isolation_report
from harness.load import Generators
from harness.machine import cpu_now, describe, disturbance, size
from harness.measure import Measurement, Plan
from harness.prepare import prepare
from harness.overload import QUICK_OVERLOAD, Overload, OverloadPlan, keep_off_the_routers_core, overload_contenders
from harness.overload_report import overload_bars, overload_report
from harness.process import Failed, Processes
from harness.progress import Progress
from harness.rig import Rig
from harness.report import report, verdicts
from harness.timeline import timeline

ROOT = Path(__file__).resolve().parent.parent
KEYS = ("router", "scg", "fastapi", "haproxy", "nginx")
# Measured when asked for: the floor under any router that is made of the JDK's parts.
FLOORS = ("jdk", "jdk-server")
QUICK = Plan(rounds=1, closed=(1, 2, 1), constant=2, starts=1, memory_requests=5_000, memory_seconds=20, warm_up_scale=0.15)


def arguments(argv=None):
    parser = argparse.ArgumentParser(prog="bench", description=__doc__.split("\n\n")[0],
                                     epilog="A full run takes 20 to 25 minutes; leave the machine alone meanwhile.")
    parser.add_argument("--rounds", type=int, help="rounds of load, 3 or more for a result (default 3)")
    parser.add_argument("--quick", action="store_true", help="a smoke run of about a minute; not a result")
    parser.add_argument("--only", help=f"a comma-separated part of {','.join(KEYS + FLOORS)}")
    parser.add_argument("--isolation", action="store_true",
                        help="what clients of healthy cells see while another cell hangs, for each router; 9 minutes")
    parser.add_argument("--cost", action="store_true",
                        help="what the protections cost: everything on, off, and the router before there were any; 8 minutes")
    parser.add_argument("--overload", action="store_true",
                        help="what happens at twice of what the router's own CPU can do; 15 minutes")
    parser.add_argument("--latency-only", action="store_true", help="only the constant rate, three minutes a round; not a result")
    parser.add_argument("--allow-missing", action="store_true", help="go on without a router that cannot be set up")
    parser.add_argument("--strict", action="store_true", help="exit with 1 when a bar is not met")
    parser.add_argument("--router", metavar="COMMAND", help="start this router by another command than target/runtime/bin/router")
    parser.add_argument("--memory-cgroup", type=Path, metavar="DIR",
                        help="make the 160 MB control group in this one (v2, or v1's memory hierarchy); "
                        "default: the nearest cgroup v2 that allows it, else the limit is not enforced")
    parser.add_argument("--redraw", type=lambda path: Path(path).resolve(), metavar="JSON", help="only write report and picture again, from a raw result")
    options = parser.parse_args(argv)
    options.keys = options.only.split(",") if options.only else list(KEYS)
    if unknown := set(options.keys) - set(KEYS + FLOORS):
        parser.error(f"--only knows {', '.join(KEYS + FLOORS)}, not {', '.join(sorted(unknown))}")
    if options.isolation + options.cost + options.overload + options.latency_only > 1:
        parser.error("--isolation, --cost, --overload and --latency-only are runs of their own")
    if (options.cost or options.overload) and (options.only or options.router):
        parser.error("--cost and --overload are about this router alone: neither --only nor --router goes with them")
    if options.rounds is not None and not 1 <= options.rounds <= 20:
        parser.error("--rounds must be from 1 to 20")
    return options


def main() -> int:
    options = arguments()
    os.chdir(ROOT)
    if options.redraw:
        raw = json.loads(options.redraw.read_text())
        KINDS[raw.get("kind", "routers")].write(raw)
        return 0
    if not Path("/proc/self/stat").exists():
        raise Failed("the benchmark reads /proc and pins cores: it runs on Linux only.")
    signal.signal(signal.SIGTERM, lambda *_: (_ for _ in ()).throw(KeyboardInterrupt()))
    processes = Processes()
    kind = KINDS[next((name for name in ("isolation", "cost", "overload") if getattr(options, name)), "routers")]
    with tempfile.TemporaryDirectory(prefix="cell-router-bench-") as folder:
        try:
            raw = kind.measure(Session(options, processes, Path(folder)))
        finally:
            # A second Ctrl-C must not leave processes behind.
            signal.signal(signal.SIGINT, signal.SIG_IGN)
            processes.stop_all()
    for path in kind.write(raw):
        print(f"wrote {path.relative_to(ROOT)}")
    found = kind.bars(raw)
    print()
    print("\n".join(verdicts(found)))
    return 1 if options.strict and not all(bar.met for bar in found) else 0


class Session:
    """What every kind of run begins with: tools, cells, generators, and the head of the raw result."""

    def __init__(self, options, processes: Processes, folder: Path):
        self.options, self.folder, self.processes = options, folder, processes
        command = shlex.split(options.router) if options.router else None
        keys = ["router"] if options.cost or options.overload else options.keys
        self.tools = prepare(ROOT, keys, command, lambda text: print(text, flush=True))
        if self.tools.missing and not options.allow_missing:
            raise Failed("\n".join([*self.tools.missing, "(--allow-missing goes on without what is missing)"]))
        for line in self.tools.missing:
            print(f"left out · {line}", flush=True)
        self.began = datetime.now().astimezone()
        self.clock = time.monotonic()
        self.machine = describe()
        self.cells = Cells(self.tools.nginx, ROOT / "bench" / "cells" / "nginx.conf.template", folder, processes)
        self.cells.start()
        self.generators = Generators(self.tools.wrk, self.tools.load, ROOT / "bench" / "load" / "route.lua")
        self.starter = Starter(self.cells, processes, folder, self.tools.java_home)

    def plan(self, full, quick):
        chosen = quick if self.options.quick else full
        return replace(chosen, rounds=self.options.rounds) if self.options.rounds else chosen

    def rig(self, planned: float) -> Rig:
        """For measurements that take about so many seconds."""
        progress = Progress(planned)
        if float(self.machine["load"].split()[0]) > 0.5:
            progress.say(f"the machine is not quiet (load {self.machine['load']}): the figures will suffer")
        return Rig(self.starter, self.cells, self.generators, progress, list(self.tools.missing))

    def head(self, kind: str, compared, settings: dict) -> dict:
        return {
            "kind": kind,
            "date": self.began.strftime("%Y-%m-%d"),
            "started": self.began.strftime("%Y-%m-%d %H:%M %Z"),
            "command": shlex.join(["./build.sh", "bench", *sys.argv[1:]]),
            "settings": {"quick": self.options.quick, "other_start": bool(self.options.router), **settings},
            "machine": self.machine,
            "versions": self.tools.versions,
            "titles": {c.key: c.title for c in compared},
        }

    def rounds(self, raw: dict, measurement, compared: list) -> None:
        """The rounds of load, and how far other programs disturbed them."""
        before = cpu_now()
        raw["rounds"] = measurement.rounds(compared)
        raw["disturbance"] = disturbance(before, cpu_now())

    def end(self, raw: dict, rig: Rig) -> dict:
        raw["failed"] = rig.failed
        raw["minutes"] = (time.monotonic() - self.clock) / 60
        return raw


def at_least_one(compared: list) -> list:
    if not compared:
        raise Failed("there is no router to measure.")
    return compared


def measure_routers(session: Session) -> dict:
    options, tools = session.options, session.tools
    plan = session.plan(Plan(), QUICK)
    if options.latency_only:
        plan = replace(plan, latency_only=True, starts=0, memory_requests=0)
    compared = at_least_one(contenders(tools, ROOT, options.keys))
    plain = plain_jdk(tools, ROOT)
    started = compared + ([plain] if plain else [])
    limited = [c for c in compared if c.key in ("router", "scg") and plan.memory_requests]
    rig = session.rig(plan.total(compared, started, limited))
    measurement = Measurement(plan, rig)
    raw = session.head("routers", compared, plan.__dict__)
    raw["commands"] = {**shown_commands(tools, started, session.folder), **load_commands(plan)}
    session.rounds(raw, measurement, compared)
    raw["start_up"] = measurement.start_ups(started)
    raw["memory"] = measurement.memory(limited, options.memory_cgroup)
    raw["error_lines"] = measurement.error_lines
    runtime = ROOT / "target" / "runtime"
    raw["size"] = size(runtime) if runtime.is_dir() and "router" in raw["titles"] else None
    return session.end(raw, rig)


def measure_isolation(session: Session) -> dict:
    plan = session.plan(IsolationPlan(), QUICK_ISOLATION)
    raise_descriptors()
    compared = at_least_one(contenders(session.tools, ROOT, session.options.keys))
    rig = session.rig(plan.total(compared))
    raw = session.head("isolation", compared, plan.__dict__)
    raw["commands"] = shown_commands(session.tools, compared, session.folder)
    session.rounds(raw, Isolation(plan, rig), compared)
    raw["partial"] = partial(raw)
    return session.end(raw, rig)


def measure_cost(session: Session) -> dict:
    tools = session.tools
    plan = session.plan(CostPlan(), QUICK_COST)
    earlier = build_before(ROOT, ROOT / "target" / "bench", tools.java_home, lambda text: print(text, flush=True))
    compared = cost_contenders(tools.router[0], earlier, ROOT, tools.versions["router"])
    tools.versions["before"] = BEFORE[:10]
    rig = session.rig(plan.total())
    raw = session.head("cost", compared, plan.__dict__)
    raw["commands"] = shown_commands(tools, compared, session.folder)
    session.rounds(raw, Cost(plan, rig), compared)
    raw["start_up"] = Measurement(Plan(starts=plan.starts), rig).start_ups(compared)
    raw["partial"] = session.options.quick or plan.rounds < 3
    return session.end(raw, rig)


def measure_overload(session: Session) -> dict:
    tools = session.tools
    plan = session.plan(OverloadPlan(), QUICK_OVERLOAD)
    compared = overload_contenders(at_least_one(tools.router or [])[0], tools.versions["router"])
    keep_off_the_routers_core(session.processes)
    rig = session.rig(plan.total(compared))
    raw = session.head("overload", compared, plan.__dict__)
    raw["commands"] = shown_commands(tools, compared, session.folder)
    session.rounds(raw, Overload(plan, rig), compared)
    raw["partial"] = session.options.quick or plan.rounds < 3
    return session.end(raw, rig)


def shown_commands(tools, started, folder: Path) -> dict[str, str]:
    """As they were run, with the machine's own folders named by what they are."""

    def shown(contender) -> str:
        text = " ".join([*(f"{name}={value}" for name, value in contender.environment.items() if name not in COMMON),
                         *(str(part) for part in contender.command)])
        places = {"{config}": "$TMP/config", "{dir}": "$TMP", "{port}": "$PORT", str(folder): "$TMP",
                  f"{ROOT}/": "", tools.java_home: "$JAVA_HOME"}
        for path, name in places.items():
            text = text.replace(path, name) if path else text
        return text

    return {c.title: shown(c) for c in started}


def load_commands(plan: Plan) -> dict[str, str]:
    one, many, most = plan.closed
    return {
        "closed loop": f"wrk -t 1 -c 1|64|256 -d {one}s|{many}s|{most}s --timeout 10s "
        "-s bench/load/route.lua http://127.0.0.1:$PORT/api/route",
        "constant rate": f"target/bench/load -addr 127.0.0.1:$PORT -rate {plan.rate} -duration {plan.constant}s -connections 256",
    }


def partial(raw: dict) -> bool:
    """Not a result: quick, fewer than three rounds, a part of the loads or routers, or ours started otherwise."""
    s = raw["settings"]
    return s["quick"] or s["rounds"] < 3 or s["other_start"] or s.get("latency_only", False) or not set(KEYS) <= set(raw["titles"])


def folders(raw: dict, aside: bool) -> tuple[Path, Path]:
    """Where pages and pictures go: a full result is kept; everything else goes aside and never replaces one."""
    if aside:
        folder = picture = ROOT / "target" / "bench" / ("quick" if raw["settings"]["quick"] else "partial")
    else:
        folder, picture = ROOT / "bench" / "results", ROOT / "docs"
    folder.mkdir(parents=True, exist_ok=True)
    picture.mkdir(parents=True, exist_ok=True)
    return folder, picture


def write_routers(raw: dict) -> list[Path]:
    folder, picture = folders(raw, partial(raw))
    page, latest = folder / f"{raw['date']}.md", folder / "latest.md"
    page.write_text(report(raw))
    shutil.copyfile(page, latest)
    drawing = picture / "bench.svg"
    drawing.write_text(chart(raw))
    return [page, latest, keep(raw, folder / f"{raw['date']}.json"), drawing]


def write_isolation(raw: dict) -> list[Path]:
    folder, picture = folders(raw, raw["partial"])
    page, drawing = folder / "isolation.md", picture / "isolation.svg"
    page.write_text(isolation_report(raw))
    drawing.write_text(timeline(raw))
    return [page, keep(raw, folder / "isolation.json"), drawing]


def write_cost(raw: dict) -> list[Path]:
    folder, _ = folders(raw, raw["partial"])
    page = folder / "cost.md"
    page.write_text(cost_report(raw))
    return [page, keep(raw, folder / "cost.json")]


def write_overload(raw: dict) -> list[Path]:
    folder, _ = folders(raw, raw["partial"])
    page = folder / "overload.md"
    page.write_text(overload_report(raw))
    return [page, keep(raw, folder / "overload.json")]


def keep(raw: dict, path: Path) -> Path:
    """Every raw sample, for --redraw."""
    path.write_text(json.dumps(raw, indent=1) + "\n")
    return path


@dataclass(frozen=True)
class Kind:
    """A kind of run: how it is measured, written, judged."""

    measure: Callable
    write: Callable
    bars: Callable


KINDS = {
    "routers": Kind(measure_routers, write_routers, bars),
    "isolation": Kind(measure_isolation, write_isolation, isolation_bars),
    "cost": Kind(measure_cost, write_cost, cost_bars),
    "overload": Kind(measure_overload, write_overload, overload_bars),
}


if __name__ == "__main__":
    try:
        sys.exit(main())
    except Failed as problem:
        print(f"bench: {problem}", file=sys.stderr)
        sys.exit(2)
    except KeyboardInterrupt:
        print("\nbench: interrupted; everything that was started has been stopped", file=sys.stderr)
        sys.exit(130)

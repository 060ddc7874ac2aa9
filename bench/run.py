#!/usr/bin/env python3
"""Side-by-side benchmark: this router and its peers in front of the same three nginx cells.

Writes bench/results/<date>.md, .json, latest.md and docs/bench.svg; a --quick run writes to
target/bench/quick/ instead. See bench/README.md for what is measured, how, and how far it is fair.
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
from dataclasses import replace
from datetime import datetime
from pathlib import Path

from harness.cells import Cells
from harness.chart import chart
from harness.contenders import Starter, contenders, plain_jdk
from harness.figures import bars
from harness.load import Generators
from harness.machine import cpu_now, describe, disturbance, size
from harness.measure import Measurement, Plan
from harness.prepare import prepare
from harness.process import Failed, Processes
from harness.progress import Progress
from harness.report import report, verdicts

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
    if options.rounds is not None and not 1 <= options.rounds <= 20:
        parser.error("--rounds must be from 1 to 20")
    return options


def main() -> int:
    options = arguments()
    os.chdir(ROOT)
    if options.redraw:
        raw = json.loads(options.redraw.read_text())
        write(raw, partial(raw))
        return 0
    if not Path("/proc/self/stat").exists():
        raise Failed("the benchmark reads /proc and pins cores: it runs on Linux only.")
    signal.signal(signal.SIGTERM, lambda *_: (_ for _ in ()).throw(KeyboardInterrupt()))
    processes = Processes()
    with tempfile.TemporaryDirectory(prefix="cell-router-bench-") as folder:
        try:
            raw = measure(options, processes, Path(folder))
        finally:
            # A second Ctrl-C must not leave processes behind.
            signal.signal(signal.SIGINT, signal.SIG_IGN)
            processes.stop_all()
    for path in write(raw, partial(raw)):
        print(f"wrote {path.relative_to(ROOT)}")
    print()
    print("\n".join(verdicts(raw)))
    unmet = [bar for bar in bars(raw) if not bar.met]
    return 1 if options.strict and unmet else 0


def measure(options, processes: Processes, folder: Path) -> dict:
    plan = QUICK if options.quick else Plan()
    if options.rounds:
        plan = replace(plan, rounds=options.rounds)
    if options.latency_only:
        plan = replace(plan, latency_only=True, starts=0, memory_requests=0)
    command = shlex.split(options.router) if options.router else None
    tools = prepare(ROOT, options.keys, command, lambda text: print(text, flush=True))
    if tools.missing and not options.allow_missing:
        raise Failed("\n".join([*tools.missing, "(--allow-missing goes on without what is missing)"]))
    for line in tools.missing:
        print(f"left out · {line}", flush=True)
    compared = contenders(tools, ROOT, options.keys)
    if not compared:
        raise Failed("there is no router to measure.")
    plain = plain_jdk(tools, ROOT)
    started = compared + ([plain] if plain else [])
    limited = [c for c in compared if c.key in ("router", "scg") and plan.memory_requests]
    began = datetime.now().astimezone()
    clock = time.monotonic()
    machine = describe()

    cells = Cells(tools.nginx, ROOT / "bench" / "cells" / "nginx.conf.template", folder, processes)
    cells.start()
    generators = Generators(tools.wrk, tools.load, ROOT / "bench" / "load" / "route.lua")
    progress = Progress(plan.total(compared, started, limited))
    starter = Starter(cells, processes, folder, tools.java_home)
    measurement = Measurement(plan, starter, cells, generators, progress)
    raw = {
        "date": began.strftime("%Y-%m-%d"),
        "started": began.strftime("%Y-%m-%d %H:%M %Z"),
        "command": shlex.join(["./build.sh", "bench", *sys.argv[1:]]),
        "settings": {"quick": options.quick, "other_start": bool(options.router), **plan.__dict__},
        "machine": machine,
        "versions": tools.versions,
        "titles": {c.key: c.title for c in compared},
        "commands": commands(tools, compared, plain, plan, folder),
    }
    if float(machine["load"].split()[0]) > 0.5:
        progress.say(f"the machine is not quiet (load {machine['load']}): the figures will suffer")
    before = cpu_now()
    raw["rounds"] = measurement.rounds(compared)
    raw["disturbance"] = disturbance(before, cpu_now())
    raw["start_up"] = measurement.start_ups(started)
    raw["memory"] = measurement.memory(limited, options.memory_cgroup)
    raw["error_lines"] = measurement.error_lines
    runtime = ROOT / "target" / "runtime"
    raw["size"] = size(runtime) if runtime.is_dir() and "router" in raw["titles"] else None
    raw["failed"] = tools.missing + measurement.failed
    raw["minutes"] = (time.monotonic() - clock) / 60
    return raw


def commands(tools, compared, plain, plan: Plan, folder: Path) -> dict[str, str]:
    """As they were run, with the machine's own folders named by what they are."""

    def shown(command) -> str:
        text = " ".join(str(part) for part in command)
        places = {"{config}": "$TMP/config", "{dir}": "$TMP", "{port}": "$PORT", str(folder): "$TMP",
                  f"{ROOT}/": "", tools.java_home: "$JAVA_HOME"}
        for path, name in places.items():
            text = text.replace(path, name) if path else text
        return text

    found = {c.title: shown(c.command) for c in compared + ([plain] if plain else [])}
    one, many, most = plan.closed
    found["closed loop"] = (
        f"wrk -t 1 -c 1|64|256 -d {one}s|{many}s|{most}s --timeout 10s "
        "-s bench/load/route.lua http://127.0.0.1:$PORT/api/route"
    )
    found["constant rate"] = f"target/bench/load -addr 127.0.0.1:$PORT -rate {plan.rate} -duration {plan.constant}s -connections 256"
    return found


def partial(raw: dict) -> bool:
    """Not a result: quick, fewer than three rounds, a part of the loads or routers, or ours started otherwise."""
    s = raw["settings"]
    return s["quick"] or s["rounds"] < 3 or s["other_start"] or s.get("latency_only", False) or not set(KEYS) <= set(raw["titles"])


def write(raw: dict, aside: bool) -> list[Path]:
    """A full result goes where it is kept; everything else aside, so that it never replaces one."""
    if aside:
        folder = picture = ROOT / "target" / "bench" / ("quick" if raw["settings"]["quick"] else "partial")
    else:
        folder, picture = ROOT / "bench" / "results", ROOT / "docs"
    folder.mkdir(parents=True, exist_ok=True)
    picture.mkdir(parents=True, exist_ok=True)
    page, latest = folder / f"{raw['date']}.md", folder / "latest.md"
    page.write_text(report(raw))
    shutil.copyfile(page, latest)
    source = folder / f"{raw['date']}.json"
    source.write_text(json.dumps(raw, indent=1) + "\n")
    drawing = picture / "bench.svg"
    drawing.write_text(chart(raw))
    return [page, latest, source, drawing]


if __name__ == "__main__":
    try:
        sys.exit(main())
    except Failed as problem:
        print(f"bench: {problem}", file=sys.stderr)
        sys.exit(2)
    except KeyboardInterrupt:
        print("\nbench: interrupted; everything that was started has been stopped", file=sys.stderr)
        sys.exit(130)

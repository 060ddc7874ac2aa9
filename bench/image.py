#!/usr/bin/env python3
"""The figures of the image in jlink/README.md: start, and C1 against the optimising compiler by size of container."""

from __future__ import annotations

import argparse
import statistics
import subprocess
import sys
from pathlib import Path

ROOT = Path(__file__).resolve().parent.parent
sys.path.insert(0, str(ROOT / "src" / "test" / "python" / "image"))

from image_speed import load, starts_in_turns  # noqa: E402

CONTAINERS = ((128, "0.5"), (192, "0.5"), (256, "0.5"), (256, "1"), (512, "1"))
SIZES = ("small", "standard")


def starts(image: str, jdk: str, turns: int) -> None:
    tuned, untuned = starts_in_turns(image, jdk, turns)
    ratio = statistics.median(tuned) / statistics.median(untuned)
    print(f"first 200 at half a core, median of {turns} in turns: image {statistics.median(tuned):.0f} ms, ", end="")
    print(f"plain JDK {statistics.median(untuned):.0f} ms, ratio {ratio:.2f}\n")


def loads(image: str, containers: tuple[tuple[int, str], ...], seconds: int, rounds: int, warm_up: int) -> None:
    print("| Container | Options | Requests/s | p99 | Resident | |")
    print("|---|---|---|---|---|---|")
    for megabytes, cpus in containers:
        taken = {size: [] for size in SIZES}
        for _ in range(rounds):
            for size in SIZES:
                taken[size].append(load(image, size, megabytes, seconds, cpus, warm_up))
        for size, results in taken.items():
            rate = statistics.median(r.per_second for r in results)
            p99 = statistics.median(r.p99_ms for r in results)
            peak = max(r.peak_mb for r in results)
            ends = ", ".join(sorted({r.end for r in results}))
            errors = sum(r.errors for r in results)
            print(f"| {megabytes} MiB, {cpus} | {size} | {rate:,.0f} | {p99:.0f} ms | {peak:.0f} MB | {ends}, {errors} errors |", flush=True)


def container(text: str) -> tuple[int, str]:
    megabytes, cpus = text.split(",")
    return int(megabytes), cpus


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("image", nargs="?", help="default: the one that scripts/build-image.sh names")
    parser.add_argument("--jdk", default="eclipse-temurin:25-jdk")
    parser.add_argument("--turns", type=int, default=9)
    parser.add_argument("--seconds", type=int, default=15)
    parser.add_argument("--rounds", type=int, default=3)
    parser.add_argument("--warm-up", type=int, default=0, help="seconds of load before those that count")
    parser.add_argument("--only", type=container, action="append", metavar="MIB,CPUS", help="no starts, these containers")
    given = parser.parse_args()
    script = (ROOT / "scripts" / "build-image.sh", "--print-tag")
    image = given.image or subprocess.run(script, capture_output=True, text=True, check=True).stdout.strip()
    print(f"{image}\n")
    if given.only is None:
        starts(image, given.jdk, given.turns)
    loads(image, tuple(given.only or CONTAINERS), given.seconds, given.rounds, given.warm_up)


if __name__ == "__main__":
    main()

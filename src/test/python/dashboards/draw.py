"""Runs two routers with three NGINX cells under mixed load, and draws each dashboard from what Prometheus saw.

Usage: draw.py [--seconds N] [--folder FOLDER]
"""

from __future__ import annotations

import argparse
import sys
import tempfile
from pathlib import Path

from expressions import ROOT, Moment, boards, exemptions, rule_groups
from sheet import Sheet
from stand import RATES, SCRAPE_S, Stand, missing_programs

FOLDER = ROOT / "docs" / "images" / "dashboards"


def main() -> int:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--seconds", type=int, default=90, help="length of the run (90)")
    parser.add_argument("--folder", type=Path, default=FOLDER, help="where the pictures go (docs/images/dashboards)")
    chosen = parser.parse_args()
    missing = missing_programs()
    if missing:
        print(
            "dashboards: not here: " + ", ".join(missing) + " (Debian: nginx-light prometheus-nginx-exporter prometheus)", file=sys.stderr
        )
        return 1
    chosen.folder.mkdir(parents=True, exist_ok=True)
    with tempfile.TemporaryDirectory(prefix="dashboards-") as folder, Stand(Path(folder), rule_groups()) as stand:
        print(f"two routers, three NGINX cells, {sum(RATES.values())} requests/s for {chosen.seconds} s", flush=True)
        stand.run(chosen.seconds, lambda text: print("  " + text, flush=True))
        moment = Moment(range_s=chosen.seconds, step_s=1, scrape_s=SCRAPE_S)
        note = f"— Drawn by ./build.sh dashboards from a run of {chosen.seconds} s, not by Grafana."
        for uid, board in boards().items():
            path = chosen.folder / f"{uid}.png"
            Sheet(board, stand.prometheus, stand.began, stand.ended, moment, exemptions()).draw(path, note)
            print(path, flush=True)
    return 0


if __name__ == "__main__":
    sys.exit(main())

"""Writes the dashboards, or says which of the committed ones are not what the source makes of them.

Usage: python3 grafana-dashboards/src/write.py [--check]
"""

from __future__ import annotations

import json
import sys
from collections.abc import Callable
from pathlib import Path

import cells
import golden_signals
import jvm
import nginx_cells
import slo
from panels import Json

FOLDER = Path(__file__).resolve().parents[1]
MAKERS: tuple[Callable[[], Json], ...] = (golden_signals.board, cells.board, nginx_cells.board, slo.board, jvm.board)


def boards() -> dict[Path, str]:
    made = [make() for make in MAKERS]
    return {FOLDER / f"{board['uid']}.json": json.dumps(board, indent=2, ensure_ascii=False) + "\n" for board in made}


def main(arguments: list[str]) -> int:
    if arguments == ["--check"]:
        stale = [path.name for path, text in boards().items() if not path.is_file() or path.read_text() != text]
        if stale:
            print("not what the source makes of it: " + ", ".join(stale) + "; run ./build.sh dashboards --write", file=sys.stderr)
        return 1 if stale else 0
    if arguments:
        print(__doc__)
        return 0 if arguments[0] in ("--help", "-h") else 2
    for path, text in boards().items():
        path.write_text(text)
    return 0


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))

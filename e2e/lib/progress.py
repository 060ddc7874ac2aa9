"""Lines with the time, on the real standard error, so that a long run shows where it is."""

import os
import sys
import time

BEGAN = time.monotonic()
# pytest points descriptor 2 elsewhere while a test runs; this copy is made before.
_TERMINAL = os.fdopen(os.dup(2), "w", buffering=1) if not os.environ.get("E2E_QUIET") else sys.stderr


def clock() -> str:
    passed = int(time.monotonic() - BEGAN)
    return f"{passed // 60:2d}:{passed % 60:02d}"


def say(text: str) -> None:
    print(f"{clock()}  {text}", file=_TERMINAL, flush=True)

"""Lines with the time, on the real standard error, so that a long run shows where it is."""

import os
import time

BEGAN = time.monotonic()
# sys.stderr is pytest's while a test runs; the descriptor is not (pytest.ini: --capture=sys).
_TERMINAL = os.fdopen(os.dup(2), "w", buffering=1)


def clock() -> str:
    passed = int(time.monotonic() - BEGAN)
    return f"{passed // 60:2d}:{passed % 60:02d}"


def say(text: str) -> None:
    print(f"{clock()}  {text}", file=_TERMINAL, flush=True)

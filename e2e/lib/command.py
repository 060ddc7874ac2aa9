"""Running other programs."""

import os
import subprocess
from pathlib import Path


class Failed(AssertionError):
    """A program ended badly, or something did not come about in time; the message says what was seen."""


def run(*words: object, stdin: str | None = None, cwd: Path | None = None, timeout: float = 120, check: bool = True,
        more: dict[str, str] | None = None) -> str:
    """What the program wrote to its standard output; more is added to its environment."""
    command = [str(word) for word in words]
    try:
        done = subprocess.run(command, input=stdin, cwd=cwd, timeout=timeout, capture_output=True, text=True,
                              env={**os.environ, **more} if more else None,
                              stdin=None if stdin is not None else subprocess.DEVNULL)
    except FileNotFoundError:
        raise Failed(f"{command[0]}: not found") from None
    except subprocess.TimeoutExpired:
        raise Failed(f"{' '.join(command)}: not done after {timeout:.0f} s") from None
    if check and done.returncode != 0:
        raise Failed(f"{' '.join(command)}: exit {done.returncode}\n{done.stdout[-2000:]}{done.stderr[-4000:]}")
    return done.stdout

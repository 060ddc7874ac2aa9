"""Waiting for what a cluster does in its own time."""

import time
from collections.abc import Callable
from typing import TypeVar

from .command import Failed
from .progress import say

T = TypeVar("T")
TELL_EVERY = 15.0


class NotYet(Exception):
    """Raised by a probe, with what it saw instead."""


def wait_until(what: str, probe: Callable[[], T], timeout: float, every: float = 1.0) -> T:
    """The probe's first answer that is something: not None, False, empty or 0. A failing command counts as "not yet"."""
    began = time.monotonic()
    told, seen = began, "nothing"
    while True:
        try:
            answer = probe()
            if answer:
                return answer
            seen = "not so"
        except (NotYet, Failed) as problem:
            seen = str(problem)
        now = time.monotonic()
        if now - began >= timeout:
            raise Failed(f"{what}: not within {timeout:.0f} s; last seen: {seen}")
        if now - told >= TELL_EVERY:
            say(f"  waiting for {what} ({now - began:.0f} s): {seen.splitlines()[0][:160] if seen else ''}")
            told = now
        time.sleep(every)

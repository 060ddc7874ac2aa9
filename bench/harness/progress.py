"""One line a step, with the time that is left."""

import sys
import time


def clock(seconds: float) -> str:
    minutes, seconds = divmod(int(max(0, seconds)), 60)
    return f"{minutes}:{seconds:02d}"


class Progress:
    def __init__(self, planned: float, out=sys.stdout, now=time.monotonic):
        self._planned, self._out, self._now = planned, out, now
        self._start = now()
        self._done = 0.0  # planned seconds of the steps that are over
        self._current = 0.0

    def step(self, text: str, planned: float) -> None:
        self._done += self._current
        self._current = planned
        elapsed = self._now() - self._start
        # What is left is the plan's rest, stretched as the steps so far were.
        stretch = elapsed / self._done if self._done > 30 else 1.0
        left = (self._planned - self._done) * max(0.5, min(stretch, 3.0))
        self.say(f"{text}  ({clock(left)} left)")

    def say(self, text: str) -> None:
        print(f"[{clock(self._now() - self._start):>5}] {text}", file=self._out, flush=True)

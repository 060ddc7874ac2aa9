"""What every measurement works with, and how its rounds are ordered."""

from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field

from .cells import Cells
from .contenders import Contender, Running, Starter
from .load import Generators
from .progress import Progress
from .wire import check_routing


@dataclass(frozen=True)
class Rig:
    """The parts of a run that its measurements share, and what failed in them."""

    starter: Starter
    cells: Cells
    generators: Generators
    progress: Progress
    failed: list[str] = field(default_factory=list)

    @contextmanager
    def routing(self, contender: Contender, cores=None) -> Iterator[Running]:
        """A new process of it, on these cores or all, that has shown that it routes; stopped after the block."""
        running = self.starter.start(contender, cores=cores)
        try:
            self.starter.wait(running)
            check_routing(running.port)
            yield running
        finally:
            self.starter.stop(running)

    def fail(self, line: str) -> None:
        self.failed.append(line)
        self.progress.say(f"FAILED {line}")


def rounds(count: int) -> Iterator[tuple[int, str]]:
    """Each round's number from 0 and its name."""
    for number in range(count):
        yield number, f"round {number + 1} of {count}"


def in_turn(number: int, all_of_them: list) -> list:
    """The order of a round or turn: each begins with another one, so that none is always first or last."""
    first = number % len(all_of_them)
    return all_of_them[first:] + all_of_them[:first]


def until_warm(measure: Callable[[], float], most: int) -> list[float]:
    """Measures (a rate, say) until two in a row were no better than the best before them by a thirtieth, or `most`
    times. A JVM on one core may take a minute until what it is asked to do is compiled, and some machines take twice
    as long as others: a fixed time would call half of what it can do its capacity."""
    rates: list[float] = []
    best, since = 0.0, 0
    while len(rates) < most and since < 2:
        rates.append(measure())
        since = 0 if rates[-1] > best * 31 / 30 else since + 1
        best = max(best, rates[-1])
    return rates

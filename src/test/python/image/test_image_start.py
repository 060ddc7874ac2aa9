"""What linking, cache and options are worth at half a core."""

from __future__ import annotations

import shutil
import statistics

import pytest
from image_docker import is_continuous_integration
from image_speed import load, starts_in_turns

TURNS = 5
MOST_OF_UNTUNED = 0.6
JDK_IMAGE = "eclipse-temurin:25-jdk"


def test_the_first_answer_takes_at_most_six_tenths_of_the_untuned_time(image: str) -> None:
    tuned, untuned = starts_in_turns(image, JDK_IMAGE, TURNS)
    ratio = statistics.median(tuned) / statistics.median(untuned)
    assert ratio <= MOST_OF_UNTUNED, f"{tuned} against {untuned}"


def test_the_default_options_serve_more_in_a_small_pod_than_the_optimising_compiler(image: str) -> None:
    """Measured 2.5 times as much; half of that is asked for."""
    if shutil.which("wrk") is None:
        if is_continuous_integration():
            pytest.fail("wrk is not installed")
        pytest.skip("wrk is not installed")
    small = load(image, "small", megabytes=128, seconds=6)
    standard = load(image, "standard", megabytes=128, seconds=6)
    assert (small.end, small.errors) == ("runs", 0)
    assert small.per_second > 1.25 * standard.per_second, (small, standard)

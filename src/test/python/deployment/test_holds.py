"""Every check on every environment."""

import functools

import pytest
from offline.checks import CHECKS
from offline.platform import ENVIRONMENTS, Platform, load


@functools.cache
def platform(environment: str) -> Platform:
    return load(environment)


@pytest.mark.parametrize("environment", ENVIRONMENTS)
@pytest.mark.parametrize("check", CHECKS)
def test_holds(check: str, environment: str) -> None:
    problems = list(CHECKS[check](platform(environment)))
    assert not problems, "\n".join(problems)

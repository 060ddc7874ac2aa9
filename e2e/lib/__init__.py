"""What the suite's files share; conftest.py composes it."""

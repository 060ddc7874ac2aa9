"""The parts of the side-by-side benchmark; bench/run.py composes them."""

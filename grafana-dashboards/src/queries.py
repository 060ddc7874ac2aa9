"""What several boards ask for, so that they mean the same by the same word."""

from __future__ import annotations

from board import ROUTER

RATE = "[$__rate_interval]"
CELL = f'{ROUTER},cell_id=~"$cell"'
CLIENT = f'{CELL},client=~"$client"'


def rate(metric: str, selector: str, by: str = "") -> str:
    """A second, summed over all routers."""
    return f"sum{f' {by} ' if by else ''}(rate({metric}{{{selector}}}{RATE}))"


def quantile(q: float, metric: str, selector: str, by: str = "") -> str:
    """From the buckets of all routers together: quantiles cannot be averaged."""
    labels = f"le, {by}" if by else "le"
    return f"histogram_quantile({q}, sum by ({labels}) (rate({metric}_bucket{{{selector}}}{RATE})))"


def quantiles(metric: str, selector: str) -> list[tuple[str, str]]:
    return [(quantile(q, metric, selector), f"P{q * 100:.0f}") for q in (0.5, 0.95, 0.99)]


def ratio(part: str, whole: str) -> str:
    return f"{part}\n/\n{whole}"


def cells_down(selector: str = CELL) -> str:
    """Cells that no router finds healthy; 0 rather than nothing when there is none."""
    seen = f"max by (cell_id) (router_cell_up{{{selector}}})"
    return f"count({seen}) - sum({seen})"

"""One cell against the others, and the router's time against the cells'."""

from __future__ import annotations

from board import CELL as CELL_VARIABLE
from board import NAMESPACE, ROUTER, Row, dashboard
from panels import GREEN, GREY, RED, YELLOW, Json, graph, heatmap, stat, states
from queries import CELL, cells_down, quantile, quantiles, rate, ratio

OVERHEAD = "router_overhead_seconds"
UPSTREAM = "router_upstream_duration_seconds"
DURATION = "router_request_duration_seconds"
NAMED = f'{CELL},cell_id!~"|unknown"'
BY_CELL = "by (cell_id)"


def board() -> Json:
    return dashboard(
        "cells",
        "Health, load and refusals of each cell as the routers see it, and whose time a request spends: the router's or the cell's.",
        [NAMESPACE, CELL_VARIABLE],
        [
            Row("At a glance", glance()),
            Row("Health", health()),
            Row("Load", load()),
            Row("Refusals and failures", refusals()),
            Row("Router time against cell time", times()),
        ],
    )


def state_is(state: str) -> str:
    return f'max by (cell_id) (router_cell_state{{{CELL},state="{state}"}})'


def glance() -> list[Json]:
    return [
        stat("Cells", "Cells in the map.", f"count(count by (cell_id) (router_cell_up{{{CELL}}}))", unit="none", none="no router"),
        stat(
            "Down",
            "Cells that no router finds healthy.",
            cells_down(),
            unit="none",
            none="no router",
            steps=[(None, GREEN), (1, RED)],
            alerts=("CellDown",),
        ),
        stat(
            "Draining or disabled",
            "Cells that take no new requests because the configuration says so.",
            f"sum({state_is('draining')}) + sum({state_is('disabled')})",
            unit="none",
            steps=[(None, GREEN), (1, YELLOW)],
            alerts=("CellNotActive",),
        ),
        stat(
            "Slowest cell, P95",
            "P95 of the time spent waiting for the slowest cell.",
            f"max({quantile(0.95, UPSTREAM, NAMED, 'cell_id')})",
            unit="s",
            steps=[(None, GREEN), (1, YELLOW), (2, RED)],
            none="no traffic",
        ),
        stat(
            "Router's own P99",
            "P99 of what the router itself adds to a routed request.",
            quantile(0.99, OVERHEAD, NAMED),
            unit="s",
            steps=[(None, GREEN), (0.01, YELLOW), (0.05, RED)],
            none="no traffic",
        ),
        stat(
            "Map versions",
            "Different versions of the cell map among the routers: 1 but during a rollout.",
            f'count(count_values("version", router_map_version{{{ROUTER}}}))',
            unit="none",
        ),
    ]


def health() -> list[Json]:
    return [
        states(
            "Probes",
            'What the routers\' probes find. "Disputed": some routers reach the cell, some do not; look at the network between them.',
            [(f"min by (cell_id) (router_cell_up{{{CELL}}}) + max by (cell_id) (router_cell_up{{{CELL}}})", "cell {{cell_id}}")],
            {"2": ("up", GREEN), "1": ("disputed", YELLOW), "0": ("down", RED)},
            alerts=("CellDown", "CellSeenDifferently", "CellFlapping"),
        ),
        states(
            "State",
            "What the configuration says: an active cell takes requests, a draining one only finishes its own, a disabled one is off.",
            [(f"{state_is('draining')} + 2 * {state_is('disabled')}", "cell {{cell_id}}")],
            {"0": ("active", GREEN), "1": ("draining", YELLOW), "2": ("disabled", GREY)},
            alerts=("CellNotActive", "RouterConfigSkew"),
        ),
    ]


def load() -> list[Json]:
    return [
        graph(
            "Requests", "Requests routed to each cell.", [(rate("router_requests_total", NAMED, BY_CELL), "cell {{cell_id}}")], unit="reqps"
        ),
        graph(
            "Share of the traffic",
            "A hot cell stands out; with the tenants spread evenly all lines lie together.",
            [
                (
                    f"{rate('router_requests_total', NAMED, BY_CELL)}\n/ ignoring (cell_id) group_left\n{rate('router_requests_total', NAMED)}",
                    "cell {{cell_id}}",
                )
            ],
            unit="percentunit",
            highest=1,
            none="no traffic",
        ),
        graph(
            "In flight",
            "Requests admitted and not finished. A cell that climbs alone is slow or hangs.",
            [(f"sum by (cell_id) (router_inflight_requests{{{CELL}}})", "cell {{cell_id}}")],
            unit="none",
        ),
    ]


def refusals() -> list[Json]:
    return [
        graph(
            "Refused by reason",
            "Requests that the router itself refused or failed. Reasons that begin with cell_ are the cell's doing.",
            [(rate("router_refused_total", CELL, "by (reason)") + " > 0", "{{reason}}")],
            unit="reqps",
            stack=True,
            none="nothing refused",
            width=12,
            alerts=("CellTimeouts",),
        ),
        graph(
            "Refused by cell",
            "The same by the cell that the request was for.",
            [(rate("router_refused_total", CELL, BY_CELL), "cell {{cell_id}}")],
            unit="reqps",
            stack=True,
            width=12,
            alerts=("UnknownCellRequested",),
        ),
        graph(
            "Upstream errors",
            "Exchanges that failed, and answers of 500 and above from the cell itself.",
            [(rate("router_upstream_errors_total", NAMED, BY_CELL), "cell {{cell_id}}")],
            unit="reqps",
            alerts=("CellUpstreamErrors",),
        ),
        graph(
            "Retries",
            "Second attempts after a connection that was never made: the only case in which one is safe.",
            [(rate("router_retries_total", CELL, "by (outcome)"), "{{outcome}}")],
            unit="reqps",
            alerts=("CellConnectRetries",),
        ),
        graph(
            "Answers of 5xx",
            "What clients of the cell got, whoever answered.",
            [(rate("router_requests_total", f'{NAMED},status=~"5.."', BY_CELL), "cell {{cell_id}}")],
            unit="reqps",
            alerts=("CellErrorRateHigh",),
        ),
    ]


def times() -> list[Json]:
    share = ratio(rate(f"{OVERHEAD}_sum", NAMED, BY_CELL), rate(f"{DURATION}_sum", NAMED, BY_CELL))
    return [
        graph("Cell time", "Time spent waiting for the selected cells.", quantiles(UPSTREAM, NAMED), unit="s", log=True, none="no traffic"),
        graph(
            "Router time",
            "The router's own part of a routed request: its duration less the cell's.",
            quantiles(OVERHEAD, NAMED),
            unit="s",
            log=True,
            none="no traffic",
        ),
        graph(
            "Router's share",
            "Share of a request's time that the router itself takes. It rises when cells are fast, too: look at the time beside it.",
            [(share, "cell {{cell_id}}")],
            unit="percentunit",
            highest=1,
            none="no traffic",
        ),
        graph(
            "P95 of each cell",
            "Time spent waiting for the cell.",
            [(quantile(0.95, UPSTREAM, NAMED, "cell_id"), "cell {{cell_id}}")],
            unit="s",
            log=True,
            none="no traffic",
            alerts=("CellLatencyHigh",),
        ),
        graph(
            "P95 of the router, by cell",
            "A cell's trouble stays in the cell: these lines lie together whatever the cells do.",
            [(quantile(0.95, OVERHEAD, NAMED, "cell_id"), "cell {{cell_id}}")],
            unit="s",
            log=True,
            none="no traffic",
        ),
        heatmap(
            "Cell time, all requests",
            "How many requests waited how long for their cell.",
            rate(f"{UPSTREAM}_bucket", NAMED, "by (le)"),
            unit="s",
        ),
    ]

"""One cell against the others, and the router's time against the cells'."""

from __future__ import annotations

from board import CELL as CELL_VARIABLE
from board import NAMESPACE, ROUTER, Row, dashboard
from panels import BLUE, GREEN, GREY, RED, YELLOW, Json, graph, heatmap, stat, states
from queries import CELL, RATE, cells_down, quantile, quantiles, rate, ratio

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
            Row("Protections", protections()),
            Row("Refusals and failures", refusals()),
            Row("Router time against cell time", times()),
        ],
    )


def state_is(state: str) -> str:
    return f'max by (cell_id) (router_cell_state{{{CELL},state="{state}"}})'


def breaker_is(state: str) -> str:
    return f'max by (cell_id) (router_breaker_state{{{CELL},state="{state}"}})'


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
            "Breakers open",
            "Cells that at least one router leaves alone for now.",
            f"sum({breaker_is('open')})",
            unit="none",
            none="no router",
            steps=[(None, GREEN), (1, RED)],
            alerts=("CellBreakerOpen",),
        ),
        stat(
            "Run by hand",
            "Cells for which at least one router goes by an override of the management endpoint, and not by its file.",
            f"sum(max by (cell_id) (router_cell_override{{{CELL}}}))",
            unit="none",
            none="no router",
            steps=[(None, GREEN), (1, YELLOW)],
            alerts=("CellOverrideForgotten",),
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
            "Configuration refused",
            "Routers that go by the last good file, since the one they were given cannot be used. A new pod would not start.",
            f"sum(router_config_stale{{{ROUTER}}})",
            unit="none",
            none="no router",
            steps=[(None, GREEN), (1, RED)],
            alerts=("RouterConfigStale",),
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
            "What the file or an override says: an active cell takes requests, a read-only one those that read, a draining one only finishes its own, a disabled one is off. Routers that differ: the sternest.",
            [
                (
                    f"clamp_max(4 * {state_is('disabled')} + 2 * {state_is('draining')} + {state_is('read_only')}, 4)",
                    "cell {{cell_id}}",
                )
            ],
            {"0": ("active", GREEN), "1": ("read-only", BLUE), "2": ("draining", YELLOW), "3": ("draining", YELLOW), "4": ("disabled", GREY)},
            alerts=("CellNotActive", "RouterConfigSkew"),
        ),
        states(
            "Breaker",
            "Closed: requests go through. Open: they are refused at once, since most before them failed. Half open: a few are let through to see. The worst of all routers.",
            [(f"2 * {breaker_is('open')} + {breaker_is('half_open')}", "cell {{cell_id}}")],
            {"0": ("closed", GREEN), "1": ("half open", YELLOW), "2": ("open", RED), "3": ("open", RED)},
            alerts=("CellBreakerOpen",),
        ),
        graph(
            "Share admitted",
            "Share of a cell's clients that are admitted, of the router that admits the fewest. A drain or a return goes in steps.",
            [(f"min by (cell_id) (router_cell_share{{{CELL}}}) / 100", "cell {{cell_id}}")],
            unit="percentunit",
            highest=1,
            width=12,
            height=6,
            alerts=("CellShareReduced",),
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


def protections() -> list[Json]:
    return [
        graph(
            "Bulkhead in use",
            "Requests in flight of as many as may be, in the router that has the most. At 1 further ones are refused.",
            [
                (
                    f"max by (cell_id) (router_inflight_requests{{{CELL}}} / router_bulkhead_limit{{{CELL}}})",
                    "cell {{cell_id}}",
                )
            ],
            unit="percentunit",
            alerts=("CellBulkheadFull",),
        ),
        graph(
            "Bulkhead limit",
            "As many requests may be in flight to the cell, by router. It moves where it is adaptive.",
            [(f"min by (cell_id) (router_bulkhead_limit{{{CELL}}})", "cell {{cell_id}}")],
            unit="none",
        ),
        graph(
            "Addresses left out",
            "Addresses of the cell that failed again and again and get no requests for a while, in the router that leaves out the most.",
            [(f'max by (cell_id) (router_endpoints{{{CELL},state="ejected"}})', "cell {{cell_id}}")],
            unit="none",
            decimals=0,
            alerts=("CellEndpointsEjected",),
        ),
        graph(
            "Breakers that opened",
            "Times a breaker changed to open, of all routers.",
            [(f'sum by (cell_id) (increase(router_breaker_transitions_total{{{CELL},to="open"}}{RATE}))', "cell {{cell_id}}")],
            unit="none",
            decimals=1,
        ),
        graph(
            "Refused to protect",
            "Requests refused at once, before the cell was asked: by an open breaker, a full bulkhead, a rate, a state or a share.",
            [
                (
                    rate(
                        "router_refused_total",
                        f'{CELL},reason=~"breaker_open|bulkhead_full|rate_limit_.*|cell_(draining|disabled|read_only|share)"',
                        "by (reason)",
                    )
                    + " > 0",
                    "{{reason}}",
                )
            ],
            unit="reqps",
            stack=True,
            none="nothing refused",
            alerts=("CellRateLimited", "CellBulkheadFull"),
        ),
        graph(
            "Ejections",
            "Times an address was left out, of all routers.",
            [(f"sum by (cell_id) (increase(router_endpoint_ejections_total{{{CELL}}}{RATE}))", "cell {{cell_id}}")],
            unit="none",
            decimals=1,
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
            "Second attempts, where one is safe: after a connection that was never made, or of what may be sent twice. Budget: given up, since too many were under way.",
            [(rate("router_retries_total", CELL, "by (outcome)"), "{{outcome}}")],
            unit="reqps",
            alerts=("CellRetries", "CellRetryBudgetExhausted"),
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

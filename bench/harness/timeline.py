"""The isolation picture in docs/: the healthy cells' p99, second by second, a strip for each router. Pure."""

import math
from html import escape

from .chart import GRID, MUTED, OURS, WIDTH, document, origin
from .isolation_figures import bad, phase, seconds

PEER, HANGING, ERROR = "#627d98", "#fdf1e3", "#b42318"
LEFT, RIGHT, TOP, STRIP, SPACE = 236, WIDTH - 180, 116, 74, 16
LOWEST, HIGHEST = 0.1, 100_000  # milliseconds, at the lower and the upper edge of a strip
LINES = ((1, "1 ms"), (100, "100 ms"), (10_000, "10 s"))


def height_of(milliseconds: float) -> float:
    """From the lower edge of a strip; logarithmic."""
    share = math.log10(max(LOWEST, min(milliseconds, HIGHEST)) / LOWEST) / math.log10(HIGHEST / LOWEST)
    return share * STRIP


def told(milliseconds: float) -> str:
    if milliseconds >= 1000:
        return f"{milliseconds / 1000:,.1f} s"
    return f"{milliseconds:.0f} ms" if milliseconds >= 10 else f"{milliseconds:.1f} ms"


def strip(raw: dict, key: str, y: float) -> list[str]:
    s = raw["settings"]
    end = s["before"] + s["hanging"] + s["after"]
    x_of = lambda at: LEFT + (RIGHT - LEFT) * at / end
    y_of = lambda micros: y + STRIP - height_of(micros / 1000)
    colour = OURS if key == "router" else PEER
    weight = ' class="ours"' if key == "router" else ""
    out = [f'<rect x="{LEFT}" y="{y}" width="{RIGHT - LEFT}" height="{STRIP}" fill="#fff" stroke="{GRID}"/>']
    left, right = x_of(s["before"]), x_of(s["before"] + s["hanging"])
    out.append(f'<rect x="{left:.1f}" y="{y}" width="{right - left:.1f}" height="{STRIP}" fill="{HANGING}"/>')
    for value, name in LINES:
        level = y_of(value * 1000)
        out.append(f'<path d="M{LEFT} {level:.1f} H{RIGHT}" stroke="{GRID}"/>')
        out.append(f'<text x="{LEFT - 6}" y="{level + 4:.1f}" text-anchor="end" class="tick">{name}</text>')
    out.append(f'<text x="24" y="{y + 20}"{weight}>{escape(raw["titles"][key])}</text>')
    points = seconds(raw, key)
    if not points:
        return [*out, f'<text x="{LEFT + 12}" y="{y + STRIP / 2 + 5}" class="note">not measured</text>']
    # Each second is drawn at its middle; the band is from the lowest to the highest round.
    middle = lambda point: x_of(point.at + 0.5)
    band = [f"{middle(p):.1f},{y_of(p.high):.1f}" for p in points]
    band += [f"{middle(p):.1f},{y_of(p.low):.1f}" for p in reversed(points)]
    out.append(f'<polygon points="{" ".join(band)}" fill="{colour}" opacity="0.18"/>')
    line = " ".join(f"{middle(p):.1f},{y_of(p.p99):.1f}" for p in points)
    out.append(f'<polyline points="{line}" fill="none" stroke="{colour}" stroke-width="2" stroke-linejoin="round"/>')
    out += [cross(middle(p), y + 8) for p in points if p.bad]
    return out + words(raw, key, y, weight)


def cross(x: float, y: float) -> str:
    """A second in which a request to a healthy cell failed."""
    return f'<path d="M{x - 3:.1f} {y - 3} l6 6 m0 -6 l-6 6" stroke="{ERROR}" stroke-width="2"/>'


def words(raw: dict, key: str, y: float, weight: str) -> list[str]:
    before, hanging = (phase(raw, key, "healthy", name, "latency", "p99") for name in ("before", "hanging"))
    errors = bad(raw, key, "healthy")
    if before is None or hanging is None:
        return []
    lost = "no error" if not errors else f"{errors:,} failed"
    return [
        f'<text x="{RIGHT + 12}" y="{y + 22}"{weight}>{told(before.median / 1000)} → {told(hanging.median / 1000)}</text>',
        f'<text x="{RIGHT + 12}" y="{y + 42}" class="{"bad" if errors else "note"}">{lost}</text>',
    ]


def timeline(raw: dict) -> str:
    s = raw["settings"]
    keys = list(raw["titles"])
    out = [
        "<style>.tick { font-size: 10px; fill: " + MUTED + "; } .bad { font-size: 12px; fill: " + ERROR + "; }</style>",
        '<text x="24" y="44" class="title">What clients of healthy cells see while another cell hangs</text>',
        f'<text x="24" y="64" class="note">p99 of each second, logarithmic; {s["healthy_rate"]}/s to two healthy cells, '
        f'{s["sick_rate"]}/s to one that is stopped (kill -STOP) for {s["hanging"]} s</text>',
        f'<text x="{RIGHT + 12}" y="{TOP - 12}" class="note">p99: before → hanging</text>',
    ]
    middle = LEFT + (RIGHT - LEFT) * (s["before"] + s["hanging"] / 2) / (s["before"] + s["hanging"] + s["after"])
    out.append(f'<text x="{middle:.1f}" y="{TOP - 12}" text-anchor="middle" class="note">the third cell hangs</text>')
    y = TOP
    for key in keys:
        out += strip(raw, key, y)
        y += STRIP + SPACE
    out.append(axis(s, y - SPACE))
    legend = 24
    if s["rounds"] > 1:
        out.append(f'<text x="24" y="{y + 20}" class="note">band: lowest to highest round</text>')
        legend = LEFT
    if any(p.bad for key in keys for p in seconds(raw, key)):
        out += [cross(legend + 6, y + 16), f'<text x="{legend + 16}" y="{y + 20}" class="note">a second with failed requests</text>']
    out.append(f'<text x="24" y="{y + 38}" class="note">{escape(origin(raw))}</text>')
    return document(y + 58, "p99 of requests to healthy cells while another cell hangs, for each router", out)


def axis(s: dict, y: float) -> str:
    end = s["before"] + s["hanging"] + s["after"]
    step = 5 if end >= 15 else 1
    ticks = [
        f'<text x="{LEFT + (RIGHT - LEFT) * at / end:.1f}" y="{y + 16}" text-anchor="middle" class="tick">{at} s</text>'
        for at in range(0, end + 1, step)
    ]
    return "\n".join(ticks)

"""The picture in docs/: requests/s and CPU a request, one bar a router. Pure."""

from html import escape

from .figures import Figure, over_rounds

INK, MUTED, OURS, PEER, GRID = "#1f2933", "#616e7c", "#0b6e4f", "#9fb3c8", "#e4e7eb"
WIDTH, LABEL, BAR, GAP = 860, 190, 22, 12


def label(value: float) -> str:
    return f"{value:,.0f}" if value >= 100 else f"{value:.1f}"


def scale(values: list[float]) -> float:
    """The value at the right edge. One value far beyond the rest is cut, else the rest could not be read."""
    ordered = sorted(values, reverse=True)
    if len(ordered) > 1 and ordered[0] > 4 * ordered[1]:
        return ordered[1] * 1.5
    return ordered[0]


def panel(top: int, title: str, note: str, rows: list[tuple[str, str, Figure]]) -> tuple[str, int]:
    out = [
        f'<text x="24" y="{top}" class="title">{escape(title)}</text>',
        f'<text x="24" y="{top + 20}" class="note">{escape(note)}</text>',
    ]
    y = top + 36
    space = WIDTH - LABEL - 24 - 100
    if not rows:
        out.append(f'<text x="24" y="{y + 16}" class="note">not measured</text>')
        return "\n".join(out), y + 40
    most = scale([f.median for _, _, f in rows])
    for key, name, f in rows:
        cut = f.median > most
        length = max(2.0, space * min(f.median, most) / most)
        colour = OURS if key == "router" else PEER
        weight = ' class="ours"' if key == "router" else ""
        out.append(f'<text x="{LABEL + 12}" y="{y + 16}" text-anchor="end"{weight}>{escape(name)}</text>')
        out.append(f'<rect x="{LABEL + 24}" y="{y}" width="{length:.1f}" height="{BAR}" rx="2" fill="{colour}"/>')
        end = LABEL + 24 + length
        if cut:  # two slanted strokes: the bar goes on beyond the picture
            for offset in (40, 48):
                x = end - offset
                out.append(f'<path d="M{x:.1f} {y + BAR + 3} l8 -{BAR + 6}" stroke="#fff" stroke-width="3"/>')
        out.append(f'<text x="{end + 8:.1f}" y="{y + 16}"{weight}>{label(f.median)}</text>')
        y += BAR + GAP
    return "\n".join(out), y + 24


def chart(raw: dict) -> str:
    def rows(what):
        found = [(k, t, over_rounds(raw, k, "closed", "64", what)) for k, t in raw["titles"].items()]
        return [row for row in found if row[2] is not None]

    rate = sorted(rows("requests_per_s"), key=lambda row: -row[2].median)
    cpu = sorted(rows("cpu_us"), key=lambda row: row[2].median)
    first, y = panel(44, "Requests per second", "64 connections; higher is better", rate)
    second, y = panel(y + 12, "CPU time per request, µs", "64 connections, the router's own processes; lower is better", cpu)
    source = origin(raw)
    height = y + 24
    return document(height, "Requests per second and CPU time per request of each router", [
        first,
        second,
        f'<text x="24" y="{y + 4}" class="note">{escape(source)}</text>',
    ])


def origin(raw: dict) -> str:
    """When and on what the figures of a picture were taken."""
    m = raw["machine"]
    quick = "a quick run, not a result; " if raw["settings"]["quick"] else ""
    count = raw["settings"]["rounds"]
    rounds = "one round" if count == 1 else f"median of {count} rounds"
    return (
        f"{raw['date']}; {quick}{rounds}; {m['cpu']}, {m['cores']} cores "
        "shared with the load generator and the cells"
    )


def document(height: float, about: str, parts: list[str]) -> str:
    """A picture of the house: white ground, the system's font, one green."""
    body = "\n".join(parts)
    return f"""<svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 {WIDTH} {height}" width="{WIDTH}" height="{height}" role="img" aria-label="{escape(about)}">
<style>
text {{ font: 14px system-ui, -apple-system, "Segoe UI", "DejaVu Sans", sans-serif; fill: {INK}; }}
.title {{ font-size: 17px; font-weight: 600; }}
.note {{ font-size: 12px; fill: {MUTED}; }}
.ours {{ font-weight: 700; }}
</style>
<rect width="{WIDTH}" height="{height}" rx="8" fill="#ffffff" stroke="{GRID}"/>
{body}
</svg>
"""

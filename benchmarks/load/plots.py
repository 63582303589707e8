"""Small line charts as SVG, with nothing from elsewhere."""

from __future__ import annotations

import math
from collections.abc import Mapping, Sequence
from html import escape

WIDTH, HEIGHT = 420, 190
_LEFT, _RIGHT, _TOP, _BOTTOM = 52, 10, 30, 40
COLOURS = ("#2563eb", "#ea580c", "#7c3aed", "#059669")


def chart(title: str, unit: str, lines: Mapping[str, Sequence[float]]) -> str:
    """One value a second for each line, from the first second on."""
    top = nice(max((one for values in lines.values() for one in values), default=0.0))
    longest = max(map(len, lines.values()))
    size = f'viewBox="0 0 {WIDTH} {HEIGHT}" width="{WIDTH}" height="{HEIGHT}"'
    parts = [
        f'<svg xmlns="http://www.w3.org/2000/svg" {size} font-family="sans-serif" font-size="11">',
        f"<title>{escape(title)}</title>",
        f'<rect width="{WIDTH}" height="{HEIGHT}" fill="#ffffff"/>',
        f'<text x="{_LEFT}" y="16" font-size="13" fill="#111827">{escape(title)}, {unit}</text>',
    ]
    for step in range(5):
        value = top * step / 4
        parts += level(_y(value, top), f"{value:g}")
    parts.append(text(_LEFT, HEIGHT - 24, "0 s", "middle"))
    parts.append(text(WIDTH - _RIGHT, HEIGHT - 24, f"{longest} s", "end"))
    place = float(_LEFT)
    for (name, values), colour in zip(lines.items(), COLOURS, strict=False):
        points = " ".join(
            f"{_x(number, longest):.1f},{_y(value, top):.1f}" for number, value in enumerate(values)
        )
        parts.append(
            f'<polyline points="{points}" fill="none" stroke="{colour}" stroke-width="1.6"/>'
        )
        if len(lines) > 1:
            parts.append(f'<text x="{place:.0f}" y="{HEIGHT - 8}" fill="{colour}">{name}</text>')
            place += 16 + 7 * len(name)
    return "\n".join([*parts, "</svg>"])


def level(height: float, label: str) -> list[str]:
    line = f'y1="{height:.1f}" x2="{WIDTH - _RIGHT}" y2="{height:.1f}" stroke="#e5e7eb"/>'
    return [f'<line x1="{_LEFT}" {line}', text(_LEFT - 6, height + 4, label, "end")]


def text(x: float, y: float, words: str, anchor: str) -> str:
    return f'<text x="{x}" y="{y:.1f}" fill="#6b7280" text-anchor="{anchor}">{words}</text>'


def nice(value: float) -> float:
    """The next round number above."""
    if value <= 0:
        return 1.0
    unit = 10.0 ** math.floor(math.log10(value))
    return next(one * unit for one in (1, 2, 4, 6, 8, 10) if one * unit >= value)


def _x(number: int, count: int) -> float:
    return _LEFT + number / max(1, count - 1) * (WIDTH - _LEFT - _RIGHT)


def _y(value: float, top: float) -> float:
    return _TOP + (1 - value / top) * (HEIGHT - _TOP - _BOTTOM)

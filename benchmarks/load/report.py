"""What was measured, as a page for a browser and as Markdown, with plots that are drawn here."""

from __future__ import annotations

import json
import platform
from collections.abc import Iterator
from html import escape
from pathlib import Path
from typing import Any, NamedTuple

import plots

_STYLE = """
body { font: 15px/1.5 sans-serif; max-width: 900px; margin: 2rem auto; color: #111827 }
table { border-collapse: collapse; margin: 1rem 0 }
th, td { padding: .2rem .7rem; text-align: right; border-bottom: 1px solid #e5e7eb }
th:first-child, td:first-child { text-align: left }
"""
_HEAD = ("requests", "answers", "a second", "p50 ms", "p95 ms", "p99 ms", "errors")


class Outcome(NamedTuple):
    """One scenario: what the driver told of all, and a sample of each second."""

    title: str
    whole: dict[str, Any]
    samples: list[dict[str, float]]

    def of(self, key: str) -> list[float]:
        return [one[key] for one in self.samples]

    @property
    def rows(self) -> Iterator[tuple[str, ...]]:
        for name, found in [*self.whole["names"].items(), ("all", self.whole)]:
            rate = found["answers"] / self.whole["seconds"]
            times = (f"{found[key]:.1f}" for key in ("p50", "p95", "p99"))
            yield name, str(found["answers"]), f"{rate:.1f}", *times, str(found["errors"])

    @property
    def machine(self) -> str:
        """What the server took, in a sentence."""
        cpu, memory, driver = self.of("cpu"), self.of("memory"), self.of("driver")
        return (
            f"The server took {sum(cpu) / len(cpu):.0f} % of a processor ({max(cpu):.0f} % at"
            f" most) and {max(memory):.0f} MB ({memory[0]:.0f} MB at first, {memory[-1]:.0f} MB at"
            f" last); Locust took {sum(driver) / len(driver):.0f} % of a processor."
        )

    @property
    def charts(self) -> dict[str, str]:
        times = {key: self.of(key) for key in ("p50", "p95", "p99")}
        load = {"server": self.of("cpu"), "Locust": self.of("driver")}
        return {
            "throughput": plots.chart("Answers", "a second", {"answers": self.of("answers")}),
            "times": plots.chart("Response times", "ms", times),
            "errors": plots.chart("Errors", "a second", {"errors": self.of("errors")}),
            "users": plots.chart("Users", "at once", {"users": self.of("users")}),
            "cpu": plots.chart("CPU", "% of one processor", load),
            "memory": plots.chart("Memory of the server", "MB", {"memory": self.of("memory")}),
        }


def write(folder: Path, outcomes: list[Outcome]) -> None:
    """``report.html``, ``report.md``, the plots, and every second in ``report.json``."""
    folder.mkdir(parents=True, exist_ok=True)
    told = [one._asdict() for one in outcomes]
    (folder / "report.json").write_text(json.dumps(told, indent=1), encoding="utf-8")
    (folder / "report.md").write_text(markdown(folder, outcomes), encoding="utf-8")
    (folder / "report.html").write_text(page(outcomes), encoding="utf-8")


def markdown(folder: Path, outcomes: list[Outcome]) -> str:
    lines = ["# Load", "", where(), ""]
    for number, one in enumerate(outcomes, 1):
        lines += [f"## {one.title}", "", table(one), "", one.machine, ""]
        lines += [f"- {why}: {count}" for why, count in one.whole["why"].items()]
        for name, drawn in one.charts.items():
            file = f"{number}-{name}.svg"
            (folder / file).write_text(drawn, encoding="utf-8")
            lines.append(f"![{name}]({file})")
        lines.append("")
    return "\n".join(lines)


def table(one: Outcome) -> str:
    lines = [f"| {' | '.join(_HEAD)} |", f"|---|{'---:|' * (len(_HEAD) - 1)}"]
    return "\n".join([*lines, *(f"| {' | '.join(row)} |" for row in one.rows)])


def page(outcomes: list[Outcome]) -> str:
    parts = [
        '<!doctype html><html lang="en"><head><meta charset="utf-8"><title>Load</title>',
        f"<style>{_STYLE}</style></head><body><h1>Load</h1><p>{escape(where())}</p>",
    ]
    for one in outcomes:
        head = "".join(f"<th>{word}</th>" for word in _HEAD)
        rows = "".join(
            f"<tr>{''.join(f'<td>{escape(cell)}</td>' for cell in row)}</tr>" for row in one.rows
        )
        parts += [f"<h2>{escape(one.title)}</h2><table><tr>{head}</tr>{rows}</table>"]
        parts += [f"<p>{escape(one.machine)}</p>"]
        parts += [f"<p>{escape(why)}: {count}</p>" for why, count in one.whole["why"].items()]
        parts += one.charts.values()
    return "\n".join([*parts, "</body></html>"])


def where() -> str:
    import psutil

    return (
        f"{psutil.cpu_count()} processors ({platform.machine()}, {platform.system()}), Python"
        f" {platform.python_version()}; server and Locust on the same machine."
    )

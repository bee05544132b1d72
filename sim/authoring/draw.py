"""The state graph as a picture: Graphviz, Mermaid and SVG text. It shows the answer: not for learners during play."""

from __future__ import annotations

from math import inf
from typing import Final

from sim.case.model.disease import Crossing, Disease, Region, Transition
from sim.case.quantities import duration
from sim.engine.graph import build as build_graph
from sim.engine.graph import layers, transitions_of
from sim.words.fold import fold
from sim.words.markup import Markup, document, tag, text

_BOX: Final = (150, 34)
_GAP: Final = (110, 22)
_TOP: Final = 40


def label_of(transition: Transition) -> str:
    """Return what makes a transition fire: `median 4 d`, `15% by 100 d`, `after 18 d`, `on start of x`."""
    if transition.median is not None:
        return f"median {duration(transition.median)}"
    if transition.risk is not None:
        return f"{transition.risk[0] * 100:.3g}% by {duration(transition.risk[1])}"
    if transition.after is not None:
        low, high = (duration(bound) for bound in transition.after)
        return f"after {low}" if low == high else f"after {low} to {high}"
    if isinstance(transition, Crossing):
        least, most = transition.into
        return f"below {most:g}" if least == -inf else f"from {least:g}" if most == inf else f"{least:g} to {most:g}"
    return _event(transition)


def _event(transition: Transition) -> str:
    on = transition.on
    assert on is not None
    if on.enter is not None:
        ((region, states),) = on.enter.items()
        return f"on {region} {'/'.join(states)}"
    what = next(name for name in ("start", "stop", "effect", "result") if getattr(on, name) is not None)
    names = getattr(on, what)
    return f"on {what} of {names[0]}" + (" ..." if len(names) > 1 else "")


def to_dot(disease: Disease) -> str:
    """Return the state graph as Graphviz text, a cluster per region."""
    lines = [f'digraph "{disease.id}" {{', "  rankdir=LR;", '  node [shape=box, style=rounded, fontname="sans-serif"];']
    for number, (name, region) in enumerate(disease.regions.items()):
        lines.append(f"  subgraph cluster_{number} {{")
        lines.append(f"    label={_quoted(region.name)};")
        for state_id, state in region.states.items():
            peripheries = ", peripheries=2" if state.outcome else ""
            lines.append(f"    {_quoted(f'{name}.{state_id}')} [label={_quoted(state.name)}{peripheries}];")
        lines.append("  }")
    for name, transition in transitions_of(build_graph(disease)):
        for source in transition.source:
            ends = f"{_quoted(f'{name}.{source}')} -> {_quoted(f'{name}.{transition.target}')}"
            lines.append(f"  {ends} [label={_quoted(label_of(transition))}];")
    return "\n".join([*lines, "}"]) + "\n"


def _quoted(text: str) -> str:
    escaped = text.replace("\\", "\\\\").replace('"', '\\"').replace("\n", " ")
    return f'"{escaped}"'


def to_mermaid(disease: Disease) -> str:
    """Return the state graph as Mermaid flowchart text, a subgraph per region."""
    lines = ["flowchart LR"]
    for name, region in disease.regions.items():
        lines.append(f"  subgraph {name}[{_mermaid(region.name)}]")
        lines += [f"    {name}__{state_id}[{_mermaid(state.name)}]" for state_id, state in region.states.items()]
        lines.append("  end")
    for name, transition in transitions_of(build_graph(disease)):
        for source in transition.source:
            lines.append(f"  {name}__{source} -->|{_mermaid(label_of(transition))}| {name}__{transition.target}")
    return "\n".join(lines) + "\n"


def _mermaid(text: str) -> str:
    return '"' + text.replace('"', "#quot;").replace("\n", " ") + '"'


def to_svg(disease: Disease) -> str:
    """Return the state graph as a self-contained SVG, a band per region, states in columns from where they begin."""
    parts: list[Markup] = []
    top, width = 20, 0
    for name, region in disease.regions.items():
        drawn, right, bottom = _band(disease, name, region, top)
        parts += drawn
        top, width = bottom + 30, max(width, right)
    tip = tag("marker", tag("path", d="M0 0 8 4 0 8z", fill="#555"), id="tip", viewBox="0 0 8 8", refX=8, refY=4,
              markerWidth=7, markerHeight=7, orient="auto")  # fmt: skip
    ground = tag("rect", width=width + 20, height=top, fill="#fff")
    return document(tag("title", disease.name), tag("defs", tip), ground, *parts, viewBox=f"0 0 {width + 20} {top}",
                    width=width + 20, height=top, font_family="sans-serif", font_size=11)  # fmt: skip


def _band(disease: Disease, name: str, region: Region, top: int) -> tuple[list[Markup], int, int]:
    """Return one region's shapes, its right edge and its bottom."""
    (box_w, box_h), (gap_x, gap_y) = _BOX, _GAP
    columns = layers(disease, name)
    place = {
        state: (20 + i * (box_w + gap_x), top + _TOP + j * (box_h + gap_y))
        for i, column in enumerate(columns)
        for j, state in enumerate(column)
    }
    bottom = top + _TOP + max(len(column) for column in columns) * (box_h + gap_y)
    parts = [tag("text", region.name, x=20, y=top + 16, font_size=14, font_weight="bold")]
    drawn: dict[tuple[str, str], int] = {}
    for transition in region.transitions:
        for source in transition.source:
            nth = drawn[source, transition.target] = drawn.get((source, transition.target), -1) + 1
            parts.append(_arrow(place[source], place[transition.target], label_of(transition), nth))
    for state, (x, y) in place.items():
        parts.append(_box(region.states[state].name, x, y, region.states[state].outcome))
    return parts, 20 + len(columns) * (box_w + gap_x), bottom


def _box(name: str, x: int, y: int, outcome: bool) -> Markup:
    lines = fold(name, 25)[:2]
    middle, first = x + _BOX[0] / 2, y + 21 - (len(lines) - 1) * 6
    words = [tag("text", line, x=middle, y=first + i * 12, text_anchor="middle") for i, line in enumerate(lines)]
    stroke, heavy = ("#a00", 2) if outcome else ("#333", None)
    frame = tag("rect", x=x, y=y, width=_BOX[0], height=_BOX[1], rx=6, fill="#f6f6f2", stroke=stroke,
                stroke_width=heavy)  # fmt: skip
    return text([frame, words])


def _arrow(source: tuple[int, int], target: tuple[int, int], label: str, nth: int) -> Markup:
    """A curve between two boxes; parallel and backward ones bow further, so that labels stay apart."""
    (box_w, box_h), forward = _BOX, target[0] > source[0]
    x1, x2 = (source[0] + box_w, target[0]) if forward else (source[0] + box_w / 2, target[0] + box_w / 2)
    y1, y2 = (y + (box_h / 2 if forward else 0) for y in (source[1], target[1]))
    bow = 12 * nth if forward else 14 + 10 * nth
    mx, my = (x1 + x2) / 2, (y1 + y2) / 2 - bow
    way = f"M{x1:g} {y1:g} Q{mx:g} {my - bow:g} {x2:g} {y2:g}"
    curve = tag("path", d=way, fill="none", stroke="#555", marker_end="url(#tip)")
    return text([curve, tag("text", label, x=mx, y=my - 2, text_anchor="middle", font_size=9, fill="#555")])

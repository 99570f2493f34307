import re

import pytest

from treernn.views.figures import IN_THE_DARK, PALETTE, new_figure, save_figure, with_dark
from treernn.views.graph import CELL_COLORS
from treernn.views.graph_figure import graph_figure
from treernn.views.graph_layout import chain_graph

LIGHT_PAPER, DARK_PAPER = "#ffffff", IN_THE_DARK["#ffffff"]


def contrast(one: str, other: str) -> float:
    """The contrast ratio of two colours; WCAG 2.2, 1.4.11, wants 3 of lines."""

    def luminance(color: str) -> float:
        parts = [int(color[at : at + 2], 16) / 255 for at in (1, 3, 5)]
        linear = [x / 12.92 if x <= 0.04045 else ((x + 0.055) / 1.055) ** 2.4 for x in parts]
        return 0.2126 * linear[0] + 0.7152 * linear[1] + 0.0722 * linear[2]

    light, dark = sorted((luminance(one), luminance(other)), reverse=True)
    return (light + 0.05) / (dark + 0.05)


@pytest.mark.parametrize("color", [*PALETTE, *(dark for dark, _ in CELL_COLORS)])
def test_lines_can_be_seen_on_light_and_dark_pages(color: str) -> None:
    assert contrast(color, LIGHT_PAPER) >= 3
    assert contrast(IN_THE_DARK[color], DARK_PAPER) >= 3


def test_a_picture_names_its_colours_for_dark_pages(tmp_path) -> None:
    path = tmp_path / "graph.svg"
    save_figure(graph_figure(chain_graph(layers=1, steps=2)), path)
    content = path.read_text("utf-8")
    style = re.search(r"<style>@media \(prefers-color-scheme: dark\)\{(.*)\}</style>", content)
    assert style
    used = {color for color in IN_THE_DARK if color in content.replace(style[0], "")}
    assert used >= {LIGHT_PAPER, "#1f2933"}
    for color in used:
        assert f'[style*="fill: {color}"],[fill="{color}"]{{fill:{IN_THE_DARK[color]} ' in style[1]


def test_one_figure_gives_the_same_bytes(tmp_path) -> None:
    for name in ("a.svg", "b.svg"):
        figure = new_figure(2, 2)
        figure.subplots().plot([0, 1], [1, 0])
        save_figure(figure, tmp_path / name)
    assert (tmp_path / "a.svg").read_bytes() == (tmp_path / "b.svg").read_bytes()


def test_colours_as_attributes_are_found_too() -> None:
    assert '[fill="#1f2933"]' in with_dark('<svg><rect fill="#1f2933"/></svg>')

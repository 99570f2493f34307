"""Draw ``docs/score.svg``, the picture of the README: ``python docs/picture.py``."""

import io
import re
from pathlib import Path

from rich.console import Console

import treernn
from treernn.views.result import result_lines

TEXT = "A trophy for the worst film of the year is no praise, but the music is wonderful."

console = Console(record=True, width=88, file=io.StringIO())
console.print(result_lines(treernn.load()(TEXT)))
picture = console.export_svg(title="treernn score", unique_id="score")
# The web font is not fetched: a picture should draw the same without a network.
picture = re.sub(r"@font-face \{.*?\}\s*", "", picture, flags=re.DOTALL)
picture = picture.replace("Fira Code, monospace", "'DejaVu Sans Mono', Menlo, Consolas, monospace")
picture = picture.replace("<svg ", '<svg xml:space="preserve" ', 1)
Path(__file__).with_name("score.svg").write_text(picture, "utf-8")

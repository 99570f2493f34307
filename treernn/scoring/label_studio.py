"""Tasks for Label Studio: a JSON array of texts with predictions, and its labeling interface.

Source: Label Studio's documentation, *Import pre-annotated data into Label Studio* and *Labeling
configuration*. Offsets count code points, as those of its exports since version 1.5.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import TYPE_CHECKING, Any

from treernn import palette
from treernn.classes import names
from treernn.scoring.tasks import Labelled, Tasks, beside, whole
from treernn.types import LABELS
from treernn.version import __version__

if TYPE_CHECKING:
    from treernn.scoring.result import Result

TEXT, CHOICE, PHRASE, TARGET = "text", "sentiment", "phrase", "target"
"""The names of the text and of the controls."""

_TAKEN = (TEXT, "row", "id", CHOICE, PHRASE, TARGET, "annotator", "annotation_id", "agreement")
_TIMES = ("created_at", "updated_at", "lead_time")
"""Fields of ours, and those that its smaller export (JSON-MIN) puts beside the columns."""

_NEUTRAL_COLOUR = "#7f7f7f"


class LabelStudio(Tasks):
    """A task has the text, the number of its row, and the other columns of the table."""

    before, after, last = "[\n", ",\n", "\n]\n"
    alone = False  # the text has a choice

    def task(
        self, result: Result, row: int, values: Mapping[str, Any], parts: Sequence[Labelled] | None
    ) -> dict[str, Any]:
        """See ``Tasks``."""
        text = whole(result)
        name = PHRASE if self.detail.targets is None else TARGET
        version = f"treernn {__version__} {self.detail.model}".strip()
        regions = (_region(name, number, each) for number, each in enumerate(parts or (), 1))
        data = {"text": result.text, "row": row, **beside(values, (*_TAKEN, *_TIMES))}
        score = round(text.certainty, 6)
        return {
            "data": data,
            "predictions": [
                {"model_version": version, "score": score, "result": [_choice(text), *regions]}
            ],
        }


def labeling_config(classes: int = 5, level: str = "review", targets: bool = False) -> str:
    """The labeling interface of the project, as XML: *Settings*, *Labeling Interface*, *Code*.

    Args:
        classes: 5, 3 or 2.
        level: of the tasks; with sentences or phrases they are regions of the text.
        targets: whether the tasks ask about aspect terms, which are regions too.

    Raises:
        InputError: there are no so many classes.

    >>> print(labeling_config(2))
    <View>
      <Text name="text" value="$text"/>
      <Choices name="sentiment" toName="text" choice="single" showInLine="true">
        <Choice value="negative"/>
        <Choice value="positive"/>
      </Choices>
    </View>
    <BLANKLINE>
    """
    known = names(classes)
    lines = ["<View>"]
    if targets or level != "review":
        lines.append(f'  <Labels name="{TARGET if targets else PHRASE}" toName="{TEXT}">')
        for name in known:
            colour = palette.LOOKS[LABELS.index(name)].paper or _NEUTRAL_COLOUR
            lines.append(f'    <Label value="{name}" background="{colour}"/>')
        lines.append("  </Labels>")
    lines.append(f'  <Text name="{TEXT}" value="${TEXT}"/>')
    lines.append(f'  <Choices name="{CHOICE}" toName="{TEXT}" choice="single" showInLine="true">')
    lines += (f'    <Choice value="{name}"/>' for name in known)
    return "\n".join([*lines, "  </Choices>", "</View>", ""])


def _choice(text: Labelled) -> dict[str, Any]:
    return {
        "id": CHOICE,
        "from_name": CHOICE,
        "to_name": TEXT,
        "type": "choices",
        "value": {"choices": [text.label]},
        "score": round(text.certainty, 6),
    }


def _region(name: str, number: int, part: Labelled) -> dict[str, Any]:
    value = {"start": part.start, "end": part.end, "text": part.text, "labels": [part.label]}
    return {
        "id": f"{name}{number}",
        "from_name": name,
        "to_name": TEXT,
        "type": "labels",
        "value": value,
        "score": round(part.certainty, 6),
    }

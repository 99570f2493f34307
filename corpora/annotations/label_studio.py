"""Exports of Label Studio: JSON, and JSON-MIN.

::

    [{"id": 1, "data": {"text": "Slow staff."}, "predictions": [], "annotations": [
        {"completed_by": 1, "was_cancelled": false, "ground_truth": false, "result": [
            {"from_name": "sentiment", "to_name": "text", "type": "choices",
             "value": {"choices": ["negative"]}},
            {"from_name": "phrase", "to_name": "text", "type": "labels", "id": "aB3",
             "value": {"start": 0, "end": 4, "text": "Slow", "labels": ["negative"]}}]}]}]

    [{"text": "Slow staff.", "id": 1, "sentiment": "negative", "phrase": [{"start": 0, "end": 4,
      "text": "Slow", "labels": ["negative"]}], "annotator": 1, "annotation_id": 1}]

Predictions are those of a model, so they are not read; of a task with an annotation that is *ground
truth* that one alone is. A control called ``target`` or ``aspect`` has aspect terms, and so have
regions with a choice of their own (``perRegion``). Offsets count code points; before version 1.5
units of UTF-16, which the text of a region shows.

Source: Label Studio's documentation, *Label Studio JSON format of annotated tasks*, and exports of
version 1.23.2.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from typing import Any

from treernn.checks import brief
from treernn.corpora.annotations.entries import Entry, How, Vote, labels_of, place, text_of, whole
from treernn.errors import InputError

CHOICE = "sentiment"
"""The control with the label of the whole text, in our own labeling interface."""

_CHOICES = (CHOICE, "label", "choice")
_TARGETS = ("target", "targets", "aspect", "aspects")
_SPANS = ("labels", "hypertextlabels", "choices")
_OF_EXPORT = ("id", "annotator", "annotation_id", "created_at", "updated_at", "lead_time")


def is_item(item: Mapping[str, Any]) -> bool:
    """Whether an object may be a task of an export, or of an import."""
    return isinstance(item.get("data"), dict) or "annotation_id" in item


def entry(item: Mapping[str, Any], how: How) -> Entry:
    """The labels of a task; of JSON-MIN those of one annotation.

    Raises:
        InputError: something in it is wrong.
    """
    if "data" not in item:
        return _minimal(item, how)
    data = item["data"]
    if not isinstance(data, dict):
        raise InputError(f"data is {brief(data)}, expected an object")
    text = text_of(data, how.text_column)
    annotations = item.get("annotations") or item.get("completions") or []
    if not isinstance(annotations, list) or not all(isinstance(each, dict) for each in annotations):
        raise InputError(f"annotations are {brief(annotations)}, expected a list of objects")
    done = [each for each in annotations if not (each.get("was_cancelled") or each.get("skipped"))]
    gold = [each for each in done if each.get("ground_truth")]
    votes = [vote for each in gold or done for vote in _votes(text, each.get("result"), how)]
    return Entry(text, tuple(votes), len(annotations) - len(done))


def _minimal(item: Mapping[str, Any], how: How) -> Entry:
    known = (name for name in _CHOICES if name in item)
    column = how.label_column or next(known, CHOICE)
    others = {name: value for name, value in item.items() if name not in (*_OF_EXPORT, column)}
    text = text_of(others, how.text_column)
    results: list[dict[str, Any]] = []
    if item.get(column) is not None:
        values = item[column] if isinstance(item[column], list) else [item[column]]
        for value in values:
            if not isinstance(value, dict):
                value = {"choices": [value]}
            results.append({"from_name": column, "type": "choices", "value": value})
    for name, values in item.items():
        if name != column and isinstance(values, list):
            results += (
                {"from_name": name, "type": "labels", "value": value}
                for value in values
                if isinstance(value, dict) and {"start", "end"} <= value.keys()
            )
    return Entry(text, tuple(_votes(text, results, how)))


def _votes(text: str, results: Any, how: How) -> Iterator[Vote]:
    """The labels of one annotation."""
    if not isinstance(results, list) or not all(isinstance(each, dict) for each in results):
        raise InputError(f"result is {brief(results)}, expected a list of objects")
    found = [each for each in results if isinstance(each.get("value"), dict)]
    of_text = [each for each in found if each.get("type") == "choices" and _is_whole(each)]
    for each in _of_one_control(of_text, how):
        yield from whole(text, labels_of(each["value"].get("choices") or []))
    regions = [each for each in found if each.get("type") in _SPANS and not _is_whole(each)]
    chosen = {_key(each) for each in regions if "choices" in each["value"]}
    for each in regions:
        value = each["value"]
        per_region = "choices" in value
        if not per_region and _key(each) in chosen:
            continue  # its label says what it is, its choice what is thought of it
        if (per_region or _is_target(each)) != how.targets and (per_region or _has_kind(each)):
            continue
        labels = value.get("choices") or value.get("labels") or value.get("hypertextlabels") or []
        start, end = place(text, *_range(value), _units(value, how), value.get("text"))
        yield from (Vote(start, end, label) for label in labels_of(labels))


def _key(result: Mapping[str, Any]) -> str:
    """What the results of one region have in common."""
    return str(result.get("id") or _range(result["value"]))


def _is_whole(result: Mapping[str, Any]) -> bool:
    return result["value"].get("start") is None


def _of_one_control(results: Sequence[Mapping[str, Any]], how: How) -> Sequence[Mapping[str, Any]]:
    """The choices of the control that is meant; there may be others, for other questions."""
    names = [*dict.fromkeys(str(each.get("from_name")) for each in results)]
    wanted = how.label_column or CHOICE
    if how.label_column or wanted in names or len(names) > 1:
        if not how.label_column and wanted not in names:
            listed = ", ".join(names)
            raise InputError(f"choices of {listed}: name the one to read with label_column")
        return [each for each in results if each.get("from_name") == wanted]
    return results


def _is_target(result: Mapping[str, Any]) -> bool:
    return str(result.get("from_name")).lower() in _TARGETS


def _has_kind(result: Mapping[str, Any]) -> bool:
    """Whether the name of a control says that its spans are aspect terms, or phrases."""
    return _is_target(result) or str(result.get("from_name")).lower() in ("phrase", "phrases")


def _range(value: Mapping[str, Any]) -> tuple[Any, Any]:
    overall = value.get("globalOffsets")
    place = overall if isinstance(overall, dict) else value
    return place.get("start"), place.get("end")


def _units(value: Mapping[str, Any], how: How) -> Sequence[str]:
    if how.offsets:
        return [how.offsets]
    return ["code points", "utf-16"] if isinstance(value.get("text"), str) else ["code points"]

"""The values of requests and answers, as OpenAPI 3.1 describes them."""

from __future__ import annotations

from typing import Any

from treernn.classes import PLACES
from treernn.server.asked import MAX_TARGET, MAX_TARGETS
from treernn.server.limits import Limits
from treernn.server.outputs import LEVELS
from treernn.server.work import Models
from treernn.types import LABELS

Schema = dict[str, Any]


def ref(name: str) -> Schema:
    """One of ``schemas``."""
    return {"$ref": f"#/components/schemas/{name}"}


def an_object(required: Schema, optional: Schema | None = None) -> Schema:
    """An object with these fields and no others."""
    return {
        "type": "object",
        "properties": required | (optional or {}),
        "required": list(required),
        "additionalProperties": False,
    }


def list_of(items: Schema, **more: Any) -> Schema:
    """A list."""
    return {"type": "array", "items": items, **more}


TEXT: Schema = {"type": "string"}
NUMBER: Schema = {"type": "integer", "minimum": 0}
_TREE = {**TEXT, "description": "In brackets, with classes 0 to 4: `(4 (2 so) (3 good))`."}
_LABEL = {"enum": list(LABELS)}
_PROBABILITY = {"type": "number", "minimum": 0, "maximum": 1}
_PROBABILITIES = list_of(_PROBABILITY, minItems=2, maxItems=5)
_SCORE: Schema = {
    "type": "number",
    "minimum": -1,
    "maximum": 1,
    "description": "The expected class of the five, from very negative to very positive.",
}
_STARS: Schema = {
    "type": "number",
    "minimum": 1,
    "maximum": 5,
    "description": "The same from 1 to 5, not rounded.",
}
_PLACE = {"start": NUMBER, "end": NUMBER}
_SCORED = {
    **_PLACE,
    "label": _LABEL,
    "score": _SCORE,
    "stars": _STARS,
    "probabilities": _PROBABILITIES,
}


def _texts(limits: Limits) -> Schema:
    return {
        "text": {
            **TEXT,
            "maxLength": limits.characters,
            "description": "The one text to answer.",
        },
        "texts": {
            **list_of({}, maxItems=limits.texts),
            "description": "Several texts. What is none, or too long, gets an error in its place.",
        },
    }


def options(models: Models) -> Schema:
    """What a request to score may choose."""
    return {
        "model": {"enum": list(models.models), "default": models.default.model},
        "parser": {"enum": list(models.parsers), "default": models.default.parser},
        "level": {
            "enum": list(LEVELS),
            "default": LEVELS[-1],
            "description": "How far down: the whole text, its sentences, or their trees.",
        },
        "classes": {
            "enum": list(PLACES),
            "default": len(LABELS),
            "description": "How many: five; negative, neutral and positive; or without neutral.",
        },
        "explain": {
            "type": "boolean",
            "default": False,
            "description": "Whether `explanations` name the phrases that decided the label.",
        },
    }


_TARGETS: Schema = {
    "targets": {
        **list_of({**TEXT, "minLength": 1, "maxLength": MAX_TARGET}, maxItems=MAX_TARGETS),
        "description": "Words of the texts, in any case: the sentiment toward each is answered.",
    }
}


def _request(texts: Schema, chosen: Schema) -> Schema:
    one, several = ({name: schema} for name, schema in texts.items())
    return {"oneOf": [an_object(one, chosen), an_object(several, chosen)]}


def _either(answer: Schema) -> Schema:
    several = an_object({"results": list_of({"anyOf": [answer, ref("Error")]})})
    return {"anyOf": [answer, several]}


_ANSWERS: Schema = {
    "Error": an_object({"error": {**TEXT, "description": "What is wrong, and what to do."}}),
    "Result": an_object(
        {
            "text": TEXT,
            "label": {"enum": [*LABELS, None]},
            "score": {**_SCORE, "type": ["number", "null"]},
            "stars": {**_STARS, "type": ["number", "null"]},
            "probabilities": {"anyOf": [_PROBABILITIES, {"type": "null"}]},
            "problems": {
                **list_of(TEXT),
                "description": "What could not be scored, or not well.",
            },
        },
        {
            "sentences": list_of(ref("Sentence")),
            "explanations": list_of(ref("Explanation")),
            "targets": list_of(
                an_object({"target": TEXT, "mentions": list_of(ref("Target"))}),
                description="What is said of each target, by its mentions within a sentence.",
            ),
        },
    ),
    "Target": an_object(
        {
            "text": TEXT,
            **dict.fromkeys(("phrase_start", "phrase_end"), NUMBER),
            **_SCORED,
        }
    ),
    "Sentence": an_object({"text": TEXT, **_SCORED}, {"tree": ref("Node")}),
    "Node": {
        "description": "A phrase with its `children`, or a `word`.",
        **an_object(
            _SCORED, {"text": TEXT, "word": TEXT, "children": list_of(ref("Node"), minItems=2)}
        ),
    },
    "Phrase": an_object({"text": TEXT, **_SCORED}),
    "Explanation": an_object(
        {
            "kind": TEXT,
            "text": TEXT,
            "influence": {"type": "number"},
            "direction": {"enum": [-1, 0, 1]},
            "phrase": ref("Phrase"),
            "parts": list_of(ref("Phrase")),
        }
    ),
    "ScoreAnswer": _either(ref("Result")),
    "Trees": an_object(
        {
            "text": TEXT,
            "problems": list_of(TEXT),
            "sentences": list_of(
                an_object(
                    {
                        "text": TEXT,
                        **_PLACE,
                        "words": list_of(TEXT, minItems=1),
                        "offsets": list_of(list_of(NUMBER, minItems=2, maxItems=2)),
                        "children": list_of(list_of(NUMBER, minItems=2)),
                        "brackets": TEXT,
                    }
                )
            ),
        }
    ),
    "Job": an_object(
        {
            "id": TEXT,
            "name": TEXT,
            "state": {"enum": ["waiting", "running", "done", "failed"]},
            "rows": {**NUMBER, "description": "That are scored, or have failed, so far."},
            "failed": NUMBER,
            "fraction": {"type": "number", "minimum": 0, "maximum": 1},
            "error": {"type": ["string", "null"]},
            "result": {"type": ["string", "null"], "description": "Its address when it is done."},
        }
    ),
    "ParseAnswer": _either(ref("Trees")),
    "Stored": an_object({"stored": NUMBER}),
    "Models": an_object(
        {
            "treernn": TEXT,
            "models": list_of(
                an_object({"name": TEXT, "kind": {"type": ["string", "null"]}}), minItems=1
            ),
            "parsers": list_of(TEXT, minItems=1),
            "levels": list_of(TEXT),
            "labels": list_of(TEXT, minItems=5, maxItems=5),
            "corrections": {
                "type": "boolean",
                "description": "Whether the server keeps corrected trees.",
            },
            "limits": {"type": "object", "additionalProperties": {"type": "number"}},
        }
    ),
}


def schemas(models: Models, limits: Limits) -> Schema:
    """All schemas of a server, by name."""
    texts, chosen = _texts(limits), options(models)
    return {
        "ScoreRequest": _request(texts, {**chosen, **_TARGETS}),
        "Corrections": an_object({"trees": list_of(_TREE, minItems=1, maxItems=limits.texts)}),
        "ParseRequest": _request(texts, {"parser": chosen["parser"]}),
        **_ANSWERS,
    }

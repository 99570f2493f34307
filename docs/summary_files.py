"""Writes the reviews of docs/opinions.md as CSV: ``python docs/summary_files.py FOLDER``.

``films.csv``: 1,000 film reviews (polarity 2.0, half of it) with their rating, 0 or 1.
``products.csv``: 313 reviews of five products (Hu and Liu 2004).
``many.csv``, with a number after the folder: so many reviews of one or two of their sentences,
with products, dates and stars, to measure speed and memory.
"""

import csv
import random
import sys
from datetime import date, timedelta
from pathlib import Path

from treernn.corpora import locations, products, reviews
from treernn.corpora.archives import read_files
from treernn.corpora.detokenized import detokenize
from treernn.tables.encoding import decode


def films() -> list[dict[str, object]]:
    """A row for each review."""
    return [
        {
            "text": "\n".join(map(detokenize, review.text.splitlines())),
            "rating": int(review.positive),
        }
        for review in reviews.load()
    ]


def of_products() -> list[dict[str, object]]:
    """A row for each review, which begins at its title."""
    rows: list[dict[str, object]] = []
    for file, content in read_files(locations.fetch(products.DATA), ".txt"):
        if "README" in file.name:
            continue
        product, texts = file.stem.replace("_", " "), list[list[str]]()
        for line in decode(content, file).splitlines():
            if line.startswith("[t]"):
                texts.append([])
            elif texts and "##" in line:
                texts[-1].append(detokenize(line.partition("##")[2]))
        rows += [{"product": product, "text": "\n".join(text)} for text in texts if text]
    return rows


def many(number: int) -> list[dict[str, object]]:
    """Rows of sentences that are drawn from both."""
    rng, first = random.Random(1), date(2020, 1, 1)  # noqa: S311
    sentences = [
        line for row in (*films(), *of_products()) for line in str(row["text"]).split("\n")
    ]
    return [
        {
            "product": rng.choice("ABCDEFGH"),
            "date": (first + timedelta(days=rng.randrange(1_500))).isoformat(),
            "stars": rng.randint(1, 5),
            "text": " ".join(rng.choices(sentences, k=rng.choice((1, 1, 2)))),
        }
        for _ in range(number)
    ]


def write(path: Path, rows: list[dict[str, object]]) -> None:
    """Write a file."""
    with path.open("w", encoding="utf-8", newline="") as file:
        writer = csv.DictWriter(file, rows[0])
        writer.writeheader()
        writer.writerows(rows)


if __name__ == "__main__":
    folder = Path(sys.argv[1])
    folder.mkdir(parents=True, exist_ok=True)
    if len(sys.argv) > 2:
        write(folder / "many.csv", many(int(sys.argv[2])))
    else:
        write(folder / "films.csv", films())
        write(folder / "products.csv", of_products())

"""Train and measure taggers of rallies and draw ``docs/pictures/rally.svg``.

``python docs/rally.py WORK``: WORK is a folder for films and models; what it holds already is not
made again. It takes about six minutes of one core.
"""

import sys
from pathlib import Path

import numpy as np
import torch

from treernn.corpora import frames, rally
from treernn.evaluation.tagging import accuracy, f1
from treernn.models.tagger import Tagger
from treernn.training.data.reading import load_tagged
from treernn.training.loop.trainer import fit
from treernn.training.tasks.tagging import TaggingSettings, TaggingTask, new_tagger
from treernn.views.figures import GREY, INK, PALETTE, new_figure, save_figure, style_axes

SEEDS = (1, 2, 3)
COMMON = {"hidden_size": 64, "embedding_size": 64, "layers": 1, "dropout": 0.2}
COMMON |= {"batch_size": 16, "learning_rate": 0.004}
EPOCHS = 5
FILMS = {rally.WINNER: 4000, rally.EVENT: 1000}  # to learn from
SHOWN = 9  # the test rally in the picture


def trained(work: Path, column: str, bidirectional: bool, seed: int) -> Tagger:
    """The tagger of a column of the films."""
    out = work / f"{column}-{'both' if bidirectional else 'one'}-{seed}"
    settings = TaggingSettings(epochs=EPOCHS, seed=seed)
    settings = settings.updated(**COMMON, bidirectional=bidirectional)
    data = load_tagged(work / f"train-{FILMS[column]}", column=column)
    best = fit(TaggingTask(new_tagger(settings, data.train), data, settings), out)
    print(out.name, best, file=sys.stderr, flush=True)
    return Tagger.load(out)


def percent(values: list[float]) -> str:
    """The mean, and the figure of each seed."""
    return f"{np.mean(values):.1f} ({', '.join(f'{value:.1f}' for value in values)})"


def measure(work: Path, column: str, bidirectional: bool) -> None:
    """One line of the table: the mean over seeds, and each seed's figure."""
    videos = frames.read_videos(work / "test", column)
    last = [each.last_stroke + 1 for each in rally.rallies(len(videos), seed=2)]
    rows: dict[str, list[float]] = {}
    for seed in SEEDS:
        found = trained(work, column, bidirectional, seed).tag([video.frames for video in videos])
        gold = [video.tags for video in videos]
        if column == rally.EVENT:
            figures = {f"F1 {event}": f1(gold, found, event) for event in ("serve", "hit")}
        else:
            parts = {
                "up to the last stroke": [slice(n) for n in last],
                "after it": [slice(n, None) for n in last],
                "last frame": [slice(-1, None)] * len(last),
            }
            figures = {
                name: accuracy(
                    [tags[at] for tags, at in zip(gold, part, strict=True)],
                    [tags[at] for tags, at in zip(found, part, strict=True)],
                )
                for name, part in parts.items()
            }
        for name, value in figures.items():
            rows.setdefault(name, []).append(value)
    for name, values in rows.items():
        print(
            f"{column}, {'both' if bidirectional else 'one'}, {name}: {percent(values)}", flush=True
        )


def draw(work: Path) -> None:
    """Some frames of a test rally, and what the models say of the winner from frame to frame."""
    film = rally.rally(SHOWN, seed=2)
    vectors = film.frames.reshape(len(film.frames), -1).astype(np.float32)
    [events] = Tagger.load(work / "event-both-1").tag([vectors])
    figure = new_figure(9, 5.4)
    times = np.linspace(0, len(vectors) - 1, 8).round().astype(int)
    for event in ("serve", "hit"):  # rather a frame with a stroke than one beside it
        for t in (t for t, tag in enumerate(events) if tag == event):
            times[np.abs(times - t).argmin()] = t
    above, below = figure.subfigures(2, 1, height_ratios=(1, 1.35))
    for axes, t in zip(above.subplots(2, 4).flat, sorted(set(times)), strict=False):
        axes.imshow(film.frames[t], cmap="gray", vmin=0, vmax=255, interpolation="none")
        stroke = f": {events[t]}" if events[t] != "none" else ""
        axes.set_title(f"frame {t}{stroke}", fontsize=9, color=INK)
    for axes in above.axes:
        axes.set_axis_off()
    axes = below.subplots()
    style_axes(axes)
    axes.grid(visible=False)
    for name, directions, colour in zip(
        ("both directions", "one direction"), ("both", "one"), PALETTE, strict=False
    ):
        model = Tagger.load(work / f"winner-{directions}-1")
        [found] = model.distributions([vectors])
        axes.plot(found[:, model.tags.index(film.winner)], color=colour, lw=1.8, label=name)
    axes.axhline(0.5, color=GREY, lw=0.8, ls="--", zorder=0)
    for t, tag in enumerate(events):
        if tag != "none":
            axes.axvline(t, color=GREY, lw=0.8, alpha=0.5, zorder=0)
            axes.annotate(tag, (t - 0.2, 0.03), fontsize=9, rotation=90, ha="right", color=INK)
    axes.axvspan(film.last_stroke, len(vectors) - 1, color=PALETTE[2], alpha=0.15, lw=0)
    axes.annotate("after the last stroke", (film.last_stroke + 0.4, 1.04), fontsize=9, color=INK)
    axes.set_xlabel("frame", color=INK)
    axes.set_ylabel(f"probability of the winner ({film.winner})", color=INK)
    axes.set(xlim=(0, len(vectors) - 1), ylim=(0, 1.12))
    axes.legend(
        loc="upper left", bbox_to_anchor=(0, 0.86), fontsize=9.5, frameon=False, labelcolor=INK
    )
    save_figure(figure, Path(__file__).with_name("pictures") / "rally.svg")


def main(work: Path) -> None:
    """Films, models, the table, the picture."""
    torch.set_num_threads(1)
    wanted = {f"train-{count}": (count, 1) for count in FILMS.values()} | {"test": (300, 2)}
    for name, (count, seed) in wanted.items():
        if not (work / name).is_dir():
            rally.save_rallies(work / name, rally.rallies(count, seed))
    for column in (rally.WINNER, rally.EVENT):
        for bidirectional in (True, False):
            measure(work, column, bidirectional)
    draw(work)


if __name__ == "__main__":
    main(Path(sys.argv[1]))

"""Synthetic videos of tennis rallies, seen from the side, for taggers that need context.

The server bounces the ball a few times and serves; the players hit it in turn until it lands in the
net, lands out or is not reached. The outcome has a random generator of its own, so no frame up to
the last stroke predicts the winner. The ball leaves the hand at the serve as at every bounce, so
only later frames show which was the serve.
"""

from __future__ import annotations

import csv
from collections.abc import Sequence
from os import PathLike
from pathlib import Path
from typing import NamedTuple

import numpy as np

from treernn.errors import InputError
from treernn.files import atomic_write

SIDES = ("left", "right")
EVENTS = ("none", "serve", "hit")
HEIGHT, WIDTH = 16, 40
EVENT, WINNER = "event", "winner"
"""Names of the tag columns in the CSV files of ``save_rallies``."""

_NET, _COURT, _OUT = 0.5, (0.16, 0.84), (0.02, 0.98)  # x coordinates, 0 left, 1 right
_HAND = 0.3  # height of hands and rackets, 0 ground, 1 top
_GROUND = HEIGHT - 2  # pixel row of the ground


class Rally(NamedTuple):
    """A video and its labels.

    Attributes:
        frames: uint8 ``[T, HEIGHT, WIDTH]``, grey values.
        events: one of ``EVENTS`` for each frame; a ``hit`` is a return.
        winner: one of ``SIDES``.
        last_stroke: index of the frame with the last stroke; no frame up to it shows the winner.
    """

    frames: np.ndarray
    events: tuple[str, ...]
    winner: str
    last_stroke: int

    @property
    def vectors(self) -> np.ndarray:
        """The frames as float32 ``[T, HEIGHT * WIDTH]``, 0 black, 1 white."""
        return self.frames.reshape(len(self.frames), -1).astype(np.float32) / 255


def rallies(count: int, seed: int = 1) -> list[Rally]:
    """The first ``count`` rallies of a seed.

    >>> first = rallies(3)[0]
    >>> first.frames.shape[1:], first.events.count("serve"), first.winner in SIDES
    ((16, 40), 1, True)
    """
    return [rally(number, seed) for number in range(count)]


def rally(number: int, seed: int = 1, winner: str | None = None) -> Rally:
    """A rally, determined by its arguments.

    Args:
        number: its number among the rallies of the seed.
        seed: random seed.
        winner: one of ``SIDES``; default: random. The frames up to the last stroke do not depend
            on it.

    Raises:
        InputError: ``winner`` is not a side.
    """
    if winner is not None and winner not in SIDES:
        raise InputError(f"winner {winner!r}, expected {' or '.join(SIDES)}")
    play, end, camera = (np.random.default_rng((seed, number, part)) for part in range(3))
    film = _Film(play)
    for _ in range(play.integers(1, 5)):
        film.bounce_in_hand()
    film.events[-1] = "serve"
    for _ in range(play.geometric(0.3) - 1):
        film.stroke(play)
        film.events[-1] = "hit"
    last_stroke = len(film.ball) - 1
    striker = film.striker
    won = end.random() < 0.5 if winner is None else winner == SIDES[striker]
    how = end.integers(2)
    if won:
        film.stroke(end)
        film.pass_by(end)
    elif how:
        film.land_out(end)
    else:
        film.land_in_the_net(end)
    film.lie(int(end.integers(2, 6)))
    return Rally(
        frames=_draw(film, camera),
        events=tuple(film.events),
        winner=SIDES[striker if won else 1 - striker],
        last_stroke=last_stroke,
    )


def save_rallies(folder: str | PathLike[str], videos: Sequence[Rally]) -> None:
    """Write rallies in the format of ``treernn.corpora.frames``: ``rally-0001.npy``, uint8
    ``[T, HEIGHT * WIDTH]``, and ``rally-0001.csv`` with columns ``frame``, ``event``, ``winner``.

    Raises:
        InputError: the folder cannot be written.
    """
    for number, video in enumerate(videos, 1):
        path = Path(folder) / f"rally-{number:04}"
        with atomic_write(path.with_suffix(".npy")) as fresh, open(fresh, "wb") as file:
            np.save(file, video.frames.reshape(len(video.frames), -1), allow_pickle=False)
        with (
            atomic_write(path.with_suffix(".csv")) as fresh,
            open(fresh, "w", encoding="utf-8", newline="") as lines,
        ):
            writer = csv.writer(lines)
            writer.writerow(("frame", EVENT, WINNER))
            writer.writerows((t, event, video.winner) for t, event in enumerate(video.events))


class _Film:
    """Positions of ball and players, frame by frame."""

    def __init__(self, random: np.random.Generator) -> None:
        self.striker = int(random.integers(2))
        self.players = [float(random.uniform(0.06, 0.12)), float(random.uniform(0.88, 0.94))]
        self.ball = [(self.players[self.striker], _HAND)]
        self.events = ["none"]
        # Key frames of each player and positions in them; straight movement between them.
        self.paths: list[list[tuple[int, float]]] = [[(0, at)] for at in self.players]

    def bounce_in_hand(self) -> None:
        """The ball falls from the hand and comes back."""
        x, _ = self.ball[-1]
        self._fly(x, 0.0, 2)
        self._fly(x, _HAND, 2)

    def stroke(self, random: np.random.Generator) -> None:
        """A stroke that bounces in the court and reaches the other player, who is next to hit."""
        other = 1 - self.striker
        depth = random.uniform(0.45, 0.95)  # from 0, the net, to 1, the base line
        lands = _NET + (_COURT[other] - _NET) * depth
        margin = random.uniform(0.06, 0.12)
        meets = margin if other == 0 else 1 - margin
        self.paths[other].append((len(self.ball) - 1, self.players[other]))
        self._fly(lands, 0.0, int(random.integers(4, 7)), random.uniform(0.15, 0.4))
        self._fly(meets, _HAND, int(random.integers(2, 4)), 0.1)
        self.paths[other].append((len(self.ball) - 1, meets))
        self.players[other] = meets
        self.striker = other

    def pass_by(self, random: np.random.Generator) -> None:
        """The ball is not returned and flies past the player."""
        self._fly(_OUT[self.striker], 0.0, int(random.integers(2, 4)))

    def land_out(self, random: np.random.Generator) -> None:
        """A stroke over the other player and the court."""
        peak = random.uniform(0.45, 0.6)
        self._fly(_OUT[1 - self.striker], 0.0, int(random.integers(6, 9)), peak)

    def land_in_the_net(self, random: np.random.Generator) -> None:
        """A stroke into the net."""
        before = _NET + (-0.03 if self.striker == 0 else 0.03)
        self._fly(before, 0.1, int(random.integers(3, 5)), random.uniform(0.0, 0.1))
        self._fly(before, 0.0, 1)

    def lie(self, frames: int) -> None:
        """The ball does not move any more."""
        self._fly(*self.ball[-1], frames)

    def _fly(self, x: float, height: float, frames: int, peak: float = 0.0) -> None:
        """Move the ball in a number of frames, on a parabola ``peak`` above the straight line."""
        x0, height0 = self.ball[-1]
        for t in np.arange(1, frames + 1) / frames:
            arc = 4 * peak * t * (1 - t)
            self.ball.append((x0 + (x - x0) * t, height0 + (height - height0) * t + arc))
            self.events.append("none")


def _draw(film: _Film, camera: np.random.Generator) -> np.ndarray:
    """Frames with ground, net, players and ball, random brightness and noise."""
    rows, columns = np.arange(HEIGHT)[:, None], np.arange(WIDTH)
    time = np.arange(len(film.ball))
    court = np.zeros((HEIGHT, WIDTH))
    inside = (columns >= _COURT[0] * (WIDTH - 1)) & (columns <= _COURT[1] * (WIDTH - 1))
    court[_GROUND + 1] = np.where(inside, 0.5, 0.25)
    court[_GROUND - 2 : _GROUND + 1, round(_NET * (WIDTH - 1))] = 0.4
    light, noise = camera.uniform(0.05, 0.15), 0.03
    pictures = np.repeat(court[None], len(time), 0)
    for path in film.paths:
        when, where = zip(*path, strict=True)
        at = np.interp(time, when, where)[:, None, None] * (WIDTH - 1)
        body = (rows >= _GROUND - 4) & (rows <= _GROUND)
        pictures = np.maximum(pictures, 0.5 * body * np.clip(1.5 - abs(columns - at), 0, 1))
    x, height = np.array(film.ball).T[:, :, None, None]
    distance = (columns - x * (WIDTH - 1)) ** 2 + (rows - _GROUND * (1 - height)) ** 2
    pictures = np.maximum(pictures, 0.9 * np.exp(-distance))
    # Noise is random frame by frame, so that equal beginnings of two films stay equal.
    pictures += light + camera.normal(scale=noise, size=pictures.shape)
    return (255 * pictures.clip(0, 1)).round().astype(np.uint8)

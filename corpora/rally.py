"""Tennis rallies seen from the side, drawn by this code: small films whose end tells the winner.

The server bounces the ball a few times, as players do, then serves; strokes go to and fro until
one lands in the net, lands out, or is not reached. What happens to the last stroke is drawn apart
from all that comes before it, so that up to that stroke no frame says who will win; and the ball
leaves the hand at the serve as at every bounce, so that only later frames say which was the serve.
"""

from __future__ import annotations

import csv
from collections.abc import Sequence
from os import PathLike
from pathlib import Path
from typing import NamedTuple

import numpy as np

from treernn.errors import InputError
from treernn.files import whole_file

SIDES = ("left", "right")
EVENTS = ("none", "serve", "hit")
HEIGHT, WIDTH = 16, 40
EVENT, WINNER = "event", "winner"
"""Columns of the CSV files that ``save_rallies`` writes."""

_NET, _COURT, _OUT = 0.5, (0.16, 0.84), (0.02, 0.98)  # across the picture, 0 to 1
_HAND = 0.3  # height of hand and racket, 0 the ground, 1 the picture's upper edge
_GROUND = HEIGHT - 2  # row of the ground


class Rally(NamedTuple):
    """A film and what happens in it.

    Attributes:
        frames: uint8 ``[T, HEIGHT, WIDTH]``, grey.
        events: for each frame one of ``EVENTS``; a ``hit`` is a return.
        winner: one of ``SIDES``.
        last_stroke: number of the frame with the last stroke; up to it nothing shows who wins.
    """

    frames: np.ndarray
    events: tuple[str, ...]
    winner: str
    last_stroke: int

    @property
    def vectors(self) -> np.ndarray:
        """The frames as float32 ``[T, HEIGHT * WIDTH]``, black 0, white 1."""
        return self.frames.reshape(len(self.frames), -1).astype(np.float32) / 255


def rallies(count: int, seed: int = 1) -> list[Rally]:
    """The first ``count`` rallies of a seed.

    >>> first = rallies(3)[0]
    >>> first.frames.shape[1:], first.events.count("serve"), first.winner in SIDES
    ((16, 40), 1, True)
    """
    return [rally(number, seed) for number in range(count)]


def rally(number: int, seed: int = 1, winner: str | None = None) -> Rally:
    """One rally; the same numbers give the same rally.

    Args:
        number: which of the seed's rallies.
        seed: of all that is random.
        winner: who wins, in place of chance; nothing changes up to the last stroke.

    Raises:
        InputError: there is no such side.
    """
    if winner is not None and winner not in SIDES:
        raise InputError(f"no side {winner!r} of the court, expected {' or '.join(SIDES)}")
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


def save_rallies(folder: str | PathLike[str], found: Sequence[Rally]) -> None:
    """Write each rally as ``rally-0001.npy``, uint8 ``[T, HEIGHT * WIDTH]``, and ``.csv`` with the
    columns ``frame``, ``event`` and ``winner``, as ``treernn.corpora.frames`` reads them.

    Raises:
        InputError: the folder cannot be written.
    """
    for number, each in enumerate(found, 1):
        path = Path(folder) / f"rally-{number:04}"
        with whole_file(path.with_suffix(".npy")) as fresh, open(fresh, "wb") as file:
            np.save(file, each.frames.reshape(len(each.frames), -1), allow_pickle=False)
        with (
            whole_file(path.with_suffix(".csv")) as fresh,
            open(fresh, "w", encoding="utf-8", newline="") as lines,
        ):
            writer = csv.writer(lines)
            writer.writerow(("frame", EVENT, WINNER))
            writer.writerows((t, event, each.winner) for t, event in enumerate(each.events))


class _Film:
    """Where ball and players are, frame by frame, as the rally goes on."""

    def __init__(self, random: np.random.Generator) -> None:
        self.striker = int(random.integers(2))
        self.players = [float(random.uniform(0.06, 0.12)), float(random.uniform(0.88, 0.94))]
        self.ball = [(self.players[self.striker], _HAND)]
        self.events = ["none"]
        # Each player's way: frames, and where it is then; straight between them.
        self.ways: list[list[tuple[int, float]]] = [[(0, at)] for at in self.players]

    def bounce_in_hand(self) -> None:
        """The ball goes down from the hand and comes back."""
        x, _ = self.ball[-1]
        self._fly(x, 0.0, 2)
        self._fly(x, _HAND, 2)

    def stroke(self, random: np.random.Generator) -> None:
        """A stroke into the court that bounces and comes to the other player, whose turn it is."""
        other = 1 - self.striker
        deep = random.uniform(0.45, 0.95)  # how far from the net to the base line
        lands = _NET + (_COURT[other] - _NET) * deep
        reached = random.uniform(0.06, 0.12)
        meets = reached if other == 0 else 1 - reached
        self.ways[other].append((len(self.ball) - 1, self.players[other]))
        self._fly(lands, 0.0, int(random.integers(4, 7)), random.uniform(0.15, 0.4))
        self._fly(meets, _HAND, int(random.integers(2, 4)), 0.1)
        self.ways[other].append((len(self.ball) - 1, meets))
        self.players[other] = meets
        self.striker = other

    def pass_by(self, random: np.random.Generator) -> None:
        """The ball is not returned, it goes on behind the player."""
        self._fly(_OUT[self.striker], 0.0, int(random.integers(2, 4)))

    def land_out(self, random: np.random.Generator) -> None:
        """A stroke over the head of the other player."""
        peak = random.uniform(0.45, 0.6)
        self._fly(_OUT[1 - self.striker], 0.0, int(random.integers(6, 9)), peak)

    def land_in_the_net(self, random: np.random.Generator) -> None:
        """A stroke that falls down before the net."""
        before = _NET + (-0.03 if self.striker == 0 else 0.03)
        self._fly(before, 0.1, int(random.integers(3, 5)), random.uniform(0.0, 0.1))
        self._fly(before, 0.0, 1)

    def lie(self, frames: int) -> None:
        """The ball lies where it came down."""
        self._fly(*self.ball[-1], frames)

    def _fly(self, x: float, height: float, frames: int, peak: float = 0.0) -> None:
        """On to a place in so many frames, on a parabola that rises ``peak`` over the straight."""
        x0, height0 = self.ball[-1]
        for done in np.arange(1, frames + 1) / frames:
            above = 4 * peak * done * (1 - done)
            self.ball.append((x0 + (x - x0) * done, height0 + (height - height0) * done + above))
            self.events.append("none")


def _draw(film: _Film, camera: np.random.Generator) -> np.ndarray:
    """The pictures: ground, net, players and ball, in another light for each rally, with noise."""
    rows, columns = np.arange(HEIGHT)[:, None], np.arange(WIDTH)
    time = np.arange(len(film.ball))
    court = np.zeros((HEIGHT, WIDTH))
    inside = (columns >= _COURT[0] * (WIDTH - 1)) & (columns <= _COURT[1] * (WIDTH - 1))
    court[_GROUND + 1] = np.where(inside, 0.5, 0.25)
    court[_GROUND - 2 : _GROUND + 1, round(_NET * (WIDTH - 1))] = 0.4
    light, noise = camera.uniform(0.05, 0.15), 0.03
    pictures = np.repeat(court[None], len(time), 0)
    for way in film.ways:
        when, where = zip(*way, strict=True)
        at = np.interp(time, when, where)[:, None, None] * (WIDTH - 1)
        body = (rows >= _GROUND - 4) & (rows <= _GROUND)
        pictures = np.maximum(pictures, 0.5 * body * np.clip(1.5 - abs(columns - at), 0, 1))
    x, height = np.array(film.ball).T[:, :, None, None]
    distance = (columns - x * (WIDTH - 1)) ** 2 + (rows - _GROUND * (1 - height)) ** 2
    pictures = np.maximum(pictures, 0.9 * np.exp(-distance))
    # Noise is drawn frame by frame: films alike up to the last stroke stay so.
    pictures += light + camera.normal(scale=noise, size=pictures.shape)
    return (255 * pictures.clip(0, 1)).round().astype(np.uint8)

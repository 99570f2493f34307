"""Draw ``docs/pictures/caption.svg``: ``python docs/caption_picture.py MODEL``, a trained model.

Test rows in the order in which they come: the first nine right ones, and the first three wrong.
"""

import sys
from pathlib import Path

import numpy as np

from treernn.corpora.digits import LONGEST, SIZE, rows
from treernn.models.captioner import Captioner
from treernn.views.figures import BLUE, GREY, ORANGE, new_figure, save_figure

test = rows("test", 2000)
said = [each.text for each in Captioner.load(sys.argv[1]).caption([row.image for row in test])]
pairs = list(zip(test, said, strict=True))
right = [(row, text) for row, text in pairs if text == row.captions[0]][:9]
wrong = [(row, text) for row, text in pairs if text != row.captions[0]][:3]

figure = new_figure(9, 5.2)
places = figure.subplots(4, 3)
for place, (row, text) in zip(places.flat, [*right, *wrong], strict=True):
    paper = np.zeros((SIZE, SIZE * LONGEST))
    paper[:, : row.image.shape[1]] = row.image
    place.imshow(paper, cmap="Greys", vmin=0, vmax=1, interpolation="none")
    place.set(xticks=[], yticks=[])
    place.spines[:].set_color(GREY)
    fits = text == row.captions[0]
    title = text if fits else f"{text}\n(it is: {row.captions[0]})"
    place.set_title(title, fontsize=10, color=BLUE if fits else ORANGE)
save_figure(figure, Path(__file__).with_name("pictures") / "caption.svg")

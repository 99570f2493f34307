"""Draw ``docs/caption.png`` from a trained model: ``python docs/caption_picture.py MODEL``.

Test rows in the order in which they come: the first nine right ones, and the first three wrong.
"""

import sys
from pathlib import Path

import matplotlib as mpl
import numpy as np

mpl.use("Agg")
from matplotlib import pyplot as plt

from treernn.corpora.digits import LONGEST, SIZE, rows
from treernn.models.captioner import Captioner

RIGHT, WRONG = "#1b6e3c", "#b3261e"

test = rows("test", 2000)
said = [each.text for each in Captioner.load(sys.argv[1]).caption([row.image for row in test])]
pairs = list(zip(test, said, strict=True))
right = [(row, text) for row, text in pairs if text == row.captions[0]][:9]
wrong = [(row, text) for row, text in pairs if text != row.captions[0]][:3]

figure, places = plt.subplots(4, 3, figsize=(9, 5.2), layout="constrained")
for place, (row, text) in zip(places.flat, [*right, *wrong], strict=True):
    paper = np.zeros((SIZE, SIZE * LONGEST))
    paper[:, : row.image.shape[1]] = row.image
    place.imshow(paper, cmap="Greys", vmin=0, vmax=1)
    place.set(xticks=[], yticks=[])
    place.spines[:].set_color("#cccccc")
    fits = text == row.captions[0]
    place.set_title(text if fits else f"{text}\n(it is: {row.captions[0]})", fontsize=10,
                    color=RIGHT if fits else WRONG)  # fmt: skip
figure.savefig(Path(__file__).with_name("caption.png"), dpi=80)

"""What Socher et al. (2013) report of these analyses, SST test, per cent of cases.

``CONTRAST``: section 5.3, 131 cases. ``NEGATED_POSITIVE`` and ``NEGATED_NEGATIVE``: section 5.4,
Table 2; the first of 21 cases, the second, by its figures, of 22 or 11.
"""

CONTRAST = {"RNTN": 41.0, "MV-RNN": 37.0, "RNN": 36.0, "biNB": 27.0}
NEGATED_POSITIVE = {"RNTN": 71.4, "MV-RNN": 52.4, "RNN": 33.3, "biNB": 19.0}
NEGATED_NEGATIVE = {"RNTN": 81.8, "MV-RNN": 54.6, "RNN": 45.5, "biNB": 27.3}

"""Results that Socher et al. (2013) publish for these analyses: SST test, % of cases.

``CONTRAST``: section 5.3, 131 cases. ``NEGATED_POSITIVE``, ``NEGATED_NEGATIVE``: section 5.4, Table
2, 21 cases, and 22 or 11 (the paper does not say; only these give its figures).
"""

CONTRAST = {"RNTN": 41.0, "MV-RNN": 37.0, "RNN": 36.0, "biNB": 27.0}
NEGATED_POSITIVE = {"RNTN": 71.4, "MV-RNN": 52.4, "RNN": 33.3, "biNB": 19.0}
NEGATED_NEGATIVE = {"RNTN": 81.8, "MV-RNN": 54.6, "RNN": 45.5, "biNB": 27.3}

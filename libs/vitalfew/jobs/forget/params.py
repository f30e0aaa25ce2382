"""The parameters of `forget`."""

from __future__ import annotations

from vitalfew.params import Params


class ForgetParams(Params):
    """Nothing to set: who is forgotten is named on the command line, so that no configuration and no log keeps it."""

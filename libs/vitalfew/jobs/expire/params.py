"""The parameters of `expire`."""

from __future__ import annotations

from vitalfew.params import Params


class ExpireParams(Params):
    """Nothing to set: how long rows are kept stands under `retention` in the target's file."""

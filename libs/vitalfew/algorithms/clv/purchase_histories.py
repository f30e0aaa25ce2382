"""What the models of buying and leaving are fitted to."""

from __future__ import annotations

from dataclasses import dataclass

from vitalfew.dataframes.arrays import Floats


@dataclass(frozen=True)
class Histories:
    """Distinct histories: repeats x, first to last `t_x`, first to now `age` (T), in weeks; customers with each."""

    x: Floats
    t_x: Floats
    age: Floats
    weight: Floats

    def thinned(self, every: int) -> Histories:
        """Every so manieth row, in their order."""
        return Histories(self.x[::every], self.t_x[::every], self.age[::every], self.weight[::every])

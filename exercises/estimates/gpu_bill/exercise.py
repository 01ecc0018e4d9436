"""A month of GPUs."""

from __future__ import annotations

from mlsd_kit.curriculum.grading.units import Q


def gpu_bill(gpus: int, usd_per_hour: float, months: float) -> Q:
    """Servers times price times hours; a month has 730 hours.

    Parameters
    ----------
    gpus : int
        GPU servers rented.
    usd_per_hour : float
        Price of one for an hour, in USD.
    months : float
        Months rented.

    Returns
    -------
    Q
        The bill.
    """
    raise NotImplementedError("write gpu_bill")

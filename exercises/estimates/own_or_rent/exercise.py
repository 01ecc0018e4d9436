"""When owning pays."""

from __future__ import annotations

from mlsd_kit.curriculum.grading.units import Q


def own_or_rent(
    price: float,
    gpus: int,
    rent_per_gpu_hour: float,
    running_per_gpu_hour: float,
    busy_share: float,
) -> Q:
    """The price over what owning saves in an hour.

    Parameters
    ----------
    price : float
        Price of the server in USD.
    gpus : int
        GPUs in it.
    rent_per_gpu_hour : float
        Rent for a GPU and hour of use, in USD.
    running_per_gpu_hour : float
        Running cost of an owned GPU for each hour, in USD.
    busy_share : float
        Share of the time the GPUs are used.

    Returns
    -------
    Q
        The time after which both have cost the same.
    """
    raise NotImplementedError("write own_or_rent")

"""The fastest decoding step."""

from __future__ import annotations

from mlsd_kit.curriculum.grading.units import Q


def decode_floor(
    parameters: float, bytes_per_parameter: float, gpus: int, bandwidth_tb_per_s: float
) -> Q:
    """The bytes of the weights over the bandwidth of all GPUs.

    Parameters
    ----------
    parameters : float
        Number of parameters.
    bytes_per_parameter : float
        Bytes a parameter takes.
    gpus : int
        GPUs that share the weights evenly.
    bandwidth_tb_per_s : float
        Memory bandwidth of a GPU in TB/s.

    Returns
    -------
    Q
        The least time for one decoding step.
    """
    raise NotImplementedError("write decode_floor")

"""The fastest decoding step: the formula, and the numbers to try it on."""

from __future__ import annotations

from mlsd_kit.curriculum.grading.estimates import Estimate


def truth(parameters, bytes_per_parameter, gpus, bandwidth_tb_per_s):
    """The answer in ms."""
    return 1000 * parameters * bytes_per_parameter / (gpus * bandwidth_tb_per_s * 1e12)


ESTIMATE = Estimate(
    function="decode_floor",
    truth=truth,
    unit="ms",
    inputs={
        "parameters": [70e9, 1e9, 3e9, 8e9, 13e9, 34e9, 180e9, 405e9],
        "bytes_per_parameter": [2, 1, 0.5, 4],
        "gpus": [8, 1, 2, 4, 16],
        "bandwidth_tb_per_s": [3.35, 0.3, 0.9, 2.0, 4.8, 8.0],
    },
    published=5.2,
)

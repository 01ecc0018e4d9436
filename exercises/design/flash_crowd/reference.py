"""A flash crowd: a design that holds."""

from mlsd_kit.curriculum.drills.designs import FlashCrowd

design = FlashCrowd(
    signal="concurrency",
    target=0.65,
    fewest=3,
    most=100,
    tick_s=5,
    start="disk",
    scale_in_after_s=240,
)

"""An experiment with two variants: a plan that holds."""

from mlsd_kit.curriculum.drills.designs import AbSizing

design = AbSizing(
    assign_by="user",
    analyse_by="user",
    traffic=80,
    days=14,
    alpha=0.05,
    correction="Bonferroni",
    peeking="at the end",
)

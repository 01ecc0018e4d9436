"""Set every knob, then `mlsd check design/ab_sizing`; the file is read, not run."""

from mlsd_kit.curriculum.drills.designs import AbSizing

design = AbSizing(
    # what is assigned to a variant: one of 'user', 'session'
    assign_by=...,
    # what counts as one observation: one of 'user', 'session'
    analyse_by=...,
    # share of new users in the experiment: 1 to 100 %
    traffic=...,
    # days that it runs, from a Monday: 1 to 60
    days=...,
    # level of the test, two-sided: 0.001 to 0.2
    alpha=...,
    # for comparing several variants: one of 'none', 'Bonferroni'
    correction=...,
    # when the result is looked at: one of 'at the end', 'daily, stop at p < alpha', "daily,
    # O'Brien-Fleming bounds"
    peeking=...,
)

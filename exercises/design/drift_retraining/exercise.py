"""Set every knob, then `mlsd check design/drift_retraining`; the file is read, not run."""

from mlsd_kit.curriculum.drills.designs import DriftRetraining

design = DriftRetraining(
    # the daily test of the 40 features against the training data: one of 'nothing', 'each
    # feature, p < 0.05', 'each feature, p < 0.05 / 40', 'each feature, PSI > 0.1'
    watch=...,
    # rows a day in that test: 50 to 1e+06
    sample=...,
    # labels bought a day, known at once: 0 to 20,000
    labels=...,
    # days over which the loss on them is averaged: 1 to 60
    window=...,
    # alarm at so many standard errors: 1 to 8
    alarm_at=...,
    # hours between scheduled trainings: 1 to 8,760
    retrain_hours=...,
    # how a new model goes live: one of 'at once', 'at once, with rollback', 'after a day in
    # shadow'
    release=...,
)

"""Drift and retraining: a design that holds."""

from mlsd_kit.curriculum.drills.designs import DriftRetraining

design = DriftRetraining(
    watch="each feature, PSI > 0.1",
    sample=2000,
    labels=700,
    window=4,
    alarm_at=2.5,
    retrain_hours=168,
    release="at once, with rollback",
)

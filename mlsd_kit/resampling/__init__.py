"""Rebalance the classes of a training set: random over- and under-sampling, SMOTE and two kin.

Only ever resample the rows that a model is trained on: after the split, inside the fold. A copied
or synthesised row in the test set is a leak, and a balanced test set measures another world.
"""

from __future__ import annotations

from mlsd_kit.resampling.borderline import BorderlineSMOTE
from mlsd_kit.resampling.random import RandomOverSampler, RandomUnderSampler
from mlsd_kit.resampling.smote import SMOTE
from mlsd_kit.resampling.smote_nc import SMOTENC

__all__ = ["SMOTE", "SMOTENC", "BorderlineSMOTE", "RandomOverSampler", "RandomUnderSampler"]

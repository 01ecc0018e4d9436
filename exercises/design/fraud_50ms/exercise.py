"""Set every knob, then `mlsd check design/fraud_50ms`; the file is read, not run."""

from mlsd_kit.curriculum.drills.designs import Fraud50ms

design = Fraud50ms(
    # what the model knows: one of 'payment', 'payment+card', 'payment+card+terminal'
    features=...,
    # what scores a payment: one of 'rules', 'logistic', 'trees'
    model=...,
    # cores that score: 1 to 100
    scorers=...,
    # nodes of the feature store: 1 to 60
    feature_nodes=...,
    # nodes that hold each feature: 1 to 3
    copies=...,
    # give up reading after; 0: never: 0 to 500 ms
    feature_timeout_ms=...,
    # ask another copy after; 0: never: 0 to 100 ms
    hedge_after_ms=...,
    # if reading fails: one of 'decline', 'rules', 'payment model'
    fallback=...,
    # a person looks at the 2 % most suspicious: one of 'afterwards', 'before'
    review=...,
)

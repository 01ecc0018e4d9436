"""Card fraud within 50 ms: a design that holds."""

from mlsd_kit.curriculum.drills.designs import Fraud50ms

design = Fraud50ms(
    features="payment+card+terminal",
    model="trees",
    scorers=20,
    feature_nodes=13,
    copies=2,
    feature_timeout_ms=20,
    hedge_after_ms=5,
    fallback="payment model",
    review="afterwards",
)

"""The curriculum: catalogue, claims, headless runner, results."""

from mlsd_kit.curriculum.claims import Claim, ClaimError, claim

__all__ = ["Claim", "ClaimError", "claim"]

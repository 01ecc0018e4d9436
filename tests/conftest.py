"""Settings that all tests share."""

import os

from hypothesis import settings

# The same examples on every run; HYPOTHESIS_PROFILE=explore draws new ones.
settings.register_profile("reproducible", derandomize=True, deadline=None, database=None)
settings.register_profile("explore", deadline=None)
settings.load_profile(os.environ.get("HYPOTHESIS_PROFILE", "reproducible"))

"""Settings that all tests share."""

import os
import signal

from hypothesis import settings

# The same examples on every run; HYPOTHESIS_PROFILE=explore draws new ones.
settings.register_profile("reproducible", derandomize=True, deadline=None, database=None)
settings.register_profile("explore", deadline=None)
settings.load_profile(os.environ.get("HYPOTHESIS_PROFILE", "reproducible"))

# A shell starts what it sends to the background deaf to Ctrl-C, and children inherit that: tests
# that interrupt a child would fail there.
if signal.getsignal(signal.SIGINT) is signal.SIG_IGN:
    signal.signal(signal.SIGINT, signal.default_int_handler)

"""What a network monitor computes per host: from a table of flows, and from the stream of them."""

from mlsd_kit.services.network.features import FEATURES, WINDOW, host_windows, known_destinations
from mlsd_kit.services.network.online import HostWindows

__all__ = ["FEATURES", "WINDOW", "HostWindows", "host_windows", "known_destinations"]

"""What a network monitor computes per host: from a table of flows, and from the stream of them."""

from mlsd_kit.systems.network_anomaly.features import (
    FEATURES,
    WINDOW,
    host_windows,
    known_destinations,
)
from mlsd_kit.systems.network_anomaly.online import HostWindows

__all__ = ["FEATURES", "WINDOW", "HostWindows", "host_windows", "known_destinations"]

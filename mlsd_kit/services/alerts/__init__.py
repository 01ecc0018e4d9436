"""An alert service: few pages, each delivered once, whatever goes down in between."""

from mlsd_kit.services.alerts.delivery import Delivery
from mlsd_kit.services.alerts.receiver import receiver
from mlsd_kit.services.alerts.store import AlertStore, AlertStoreError, Aside, Message

__all__ = ["AlertStore", "AlertStoreError", "Aside", "Delivery", "Message", "receiver"]

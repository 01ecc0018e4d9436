"""A card-fraud service in parts: features offline and online, a store, a scorer, its load.

A payment goes from the producer through the broker to the scorer, which asks the feature store and
writes its decision to a second topic:

    producer → [payments] → scorer → [decisions] → reader
                              ↕
                            store ← [labels] ← analysts
"""

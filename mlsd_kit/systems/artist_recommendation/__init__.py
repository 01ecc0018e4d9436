"""An artist recommender as services: raw events in, a private feature store, answers by HTTP.

A nightly batch reads JSON lines and the accounts, hides who is who, tidies, and writes to
PostgreSQL in one transaction; the lists made from it lie in a key-value store; a web service merges
them with what a session clicked last, and answers from popularity when the store is gone.
"""

"""What the churn case study deploys: a nightly job, its store, its models, and a service.

The job reads the night's customers from PostgreSQL, scores them with the released model, and writes
scores and the list of calls in one transaction. The service reads the list and scores one customer
at once.
"""

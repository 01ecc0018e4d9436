"""What the demand forecasting case study deploys: features, a nightly job, its store, a service.

The job admits the days that the shops have sent, through a gate, forecasts from the last good one,
and writes the orders of the week in one transaction. The service receives days and gives orders.
"""

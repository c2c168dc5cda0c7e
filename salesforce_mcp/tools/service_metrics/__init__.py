"""Toolset service_metrics: numbers of customer service, each with how many records and which period it is over."""

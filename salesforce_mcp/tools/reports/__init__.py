"""Toolset reports: reports and dashboards (Reports and Dashboards REST API, resource `analytics`)."""

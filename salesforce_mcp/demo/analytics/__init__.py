"""Reports and dashboards: what the Reports and Dashboards REST API of the demo org is made of."""

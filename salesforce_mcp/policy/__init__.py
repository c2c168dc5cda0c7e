"""Which tool may run, for whom, and when to ask."""

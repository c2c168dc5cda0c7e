"""Hostile input. Each target is a check and a strategy of inputs: the suite tries some, `python -m tests.fuzz` many."""

"""Salesforce for AI clients and the shell. Importing this package loads nothing else."""

__version__ = "0.1.0"

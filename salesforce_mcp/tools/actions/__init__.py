"""Toolset actions: what the org can be asked to do, standard actions, flows and Apex (resource `actions`)."""

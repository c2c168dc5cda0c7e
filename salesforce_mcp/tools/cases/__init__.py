"""Toolset cases: open and work cases, answer customers, find and write articles, log conversations."""

"""The tools: a module or package for each toolset."""

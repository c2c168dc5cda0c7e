"""Mixed calls of several clients on an org that fails now and then, and what became of each write."""

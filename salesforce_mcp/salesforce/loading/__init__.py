"""Records from a file into an org: what is in the file, how it is checked, sent, and what became of each row."""

"""Anonymous Apex, as far as an org without a compiler goes."""

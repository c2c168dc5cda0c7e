"""Charts: what one shows, and the pictures of it."""

"""Knowledge: reading, writing and publishing articles, suggestions."""

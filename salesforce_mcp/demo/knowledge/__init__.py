"""Knowledge in the demo org: publishing articles, reading the published ones, suggestions."""

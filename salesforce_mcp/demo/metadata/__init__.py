"""The part of the Metadata API that the demo org has: synonym dictionaries."""

"""Secrets are planted, travel through everything, and are looked for afterwards."""

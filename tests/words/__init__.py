"""The words that patients read."""

"""Measures the hot paths beside a floor: a bare Flask app that does the same work."""

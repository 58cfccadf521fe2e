"""Tests of app/records."""

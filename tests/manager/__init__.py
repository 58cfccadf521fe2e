"""Tests of the manager’s pages."""

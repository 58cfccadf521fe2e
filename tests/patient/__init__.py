"""Tests of app/patient."""

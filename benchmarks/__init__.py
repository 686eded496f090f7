"""Measurements of the forum beside something to compare it with: ``python -m benchmarks NAME``."""

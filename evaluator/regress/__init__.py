"""Cassettes: recorded exchanges with a judge (and later baselines, flips and a gate)."""

"""Loops only: each has a bound, stops when told, and outlives any one failure."""

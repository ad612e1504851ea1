"""Calls to addresses that customers choose."""

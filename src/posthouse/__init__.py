"""Posthouse (驿站): a self-hosted SMS platform, one API in front of many vendors and carriers."""

__version__ = "0.1.0"

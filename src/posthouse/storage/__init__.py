"""Durable state: the schema, one file per aggregate, one writer with group commit, readers apart."""

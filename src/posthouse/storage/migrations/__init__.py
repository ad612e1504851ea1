"""Alembic migrations, run by `posthouse migrate` and at the first start."""

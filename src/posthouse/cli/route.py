"""`posthouse route`: the same group as `posthouse routes`, as in `posthouse route explain`."""

from posthouse.cli.routes import app

__all__ = ["app"]

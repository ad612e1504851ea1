"""`posthouse` and `python -m posthouse`."""

import os


def main() -> None:
    """Run the command line."""
    # typer parses through pydantic, which would read the metadata of every installed package for plug-ins.
    os.environ.setdefault("PYDANTIC_DISABLE_PLUGINS", "1")
    from posthouse.cli import app

    app(prog_name="posthouse")


if __name__ == "__main__":
    main()

"""All wiring: opens an installation (`house`), and builds the server from its parts (`server`)."""

"""One verb per file: what Posthouse does, over ports, without I/O of its own."""

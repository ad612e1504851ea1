"""The surfaces callers speak to, one package each; they meet only in the core."""

"""What differs between databases, and nothing else does: opening, locking, begin, list parameters."""

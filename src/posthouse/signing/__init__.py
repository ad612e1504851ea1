"""Wire signatures, pure: a vendor adapter signs with them, a dialect verifies with them."""

"""What the calls answer: dictionaries as they came, whose fields are known to type checkers."""

"""Wake-ups: who tells dispatchers that there is work. The database stays the truth."""

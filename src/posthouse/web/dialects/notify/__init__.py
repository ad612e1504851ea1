"""The notification interface, `/notify`: four calls, and every row of its document's table of parameters."""

"""One small file per vendor, behind the port in `core/ports/vendor.py`."""

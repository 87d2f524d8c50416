"""The story of a placement, told over the public API: `make demo`."""

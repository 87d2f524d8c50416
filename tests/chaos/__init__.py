"""Reliability by experiment: all is killed, frozen and cut off while commands go on; then everything is counted."""

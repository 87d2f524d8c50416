"""The floors: the bare thing, written by hand as well as it can be, with the same durability."""

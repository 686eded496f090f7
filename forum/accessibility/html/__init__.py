"""Imported HTML: what it says before it is sanitised, what remains of that, and what goes."""

"""The whole site on one machine, with invented people: what `make run` starts."""

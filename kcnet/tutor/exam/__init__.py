"""The mock exam: drawn by a seed, on the clock, graded at its end."""

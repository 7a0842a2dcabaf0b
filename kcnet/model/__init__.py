"""What exists, as frozen values. Imports the standard library alone."""

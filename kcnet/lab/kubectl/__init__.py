"""kubectl: its command line, its verbs, and how it prints what the API server answers."""

"""The API server in memory: a store of objects, its answers and errors, tables, and the controllers that react."""

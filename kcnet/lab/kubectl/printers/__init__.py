"""How kubectl prints objects: tables, YAML, JSON, names, JSONPath, columns of one's own, Go templates."""

"""What can be said of manifests as a whole: ``check`` (a rule a function) and ``reach`` (sets, not packets)."""

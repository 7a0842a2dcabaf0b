"""The rules of ``kcnet check``, a subject a module. A module is found by being here, a rule by being a constant."""

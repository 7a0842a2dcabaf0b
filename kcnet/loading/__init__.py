"""Files to ``Manifests``, with every problem of every file told at once.

``load.load_manifests`` is the way in. YAML and JSON are read by ``yaml_text`` and ``json_text``; ``schema`` checks the
structure, ``validation`` what the API server checks; ``convert`` makes exact values. ``positions`` finds the line of a
field when a message needs it; ``paste``, ``faults`` and ``explain`` have the words.
"""

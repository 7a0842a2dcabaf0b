"""Who can talk to whom, as far as NetworkPolicy allows: sets of ports, addresses and pods instead of single packets.

``connectivity.reachability`` is the way in; ``explain``, ``expect``, ``diff`` and ``entries`` stand on its answer.
Selectors, rules and ports mean here what they mean to ``kcnet.path.netpol``, which judges single connections.
Not modelled, as there: plugins' own policy kinds.
"""

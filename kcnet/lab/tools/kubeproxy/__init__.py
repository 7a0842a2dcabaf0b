"""What kube-proxy has written on a node, as the tools of the kernel print it: one module for each mode.

Pure functions of a cluster and a node. Addresses are IPv4: ``ip6tables`` would print the rules of the other family.
"""

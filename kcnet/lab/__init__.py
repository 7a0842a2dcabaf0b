"""The lab: a shell beside a cluster that does not exist, with kubectl and the tools of pods, nodes and the outside."""

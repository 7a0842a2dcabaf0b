"""Questions: authored, generated, and about the learner's own manifests."""

"""What a learner, a script or a document sees: pure functions from values to text. Nothing here prints."""

"""How far a learner is: lessons, mastery, readiness, and moving all of it to another machine."""

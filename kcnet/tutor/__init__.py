"""Lessons, quiz, exam and review: data that proves itself, pure engines, and one store of progress."""

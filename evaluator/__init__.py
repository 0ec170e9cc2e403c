"""Grade free-text interview answers against rubrics derived from model answers."""

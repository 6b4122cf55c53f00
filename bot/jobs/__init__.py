"""Painting, outside the chat: the queue, the runner process, progress and delivery."""

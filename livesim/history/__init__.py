"""Past shows: what a dashboard or a planner's own sheet says of them, in one tidy table."""

from livesim.history.history import History

__all__ = ["History"]

"""The show itself: its processes (SimPy), its stage, and what processes wait for."""

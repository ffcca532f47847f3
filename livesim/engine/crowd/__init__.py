"""The viewers: :mod:`~livesim.engine.crowd.cohort` counts them, ``agent`` follows each of them."""

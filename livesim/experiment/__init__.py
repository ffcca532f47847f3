"""Many replications of one show.

The engine simulates a block of replications; this package decides which blocks are needed, has them
simulated by an executor, and joins them to a `Result`. What is above hands its work to the same
`runner`. It stands above `engine` and `results` and knows nothing of how results are shown
(`report`) or used to plan (`planning`).
"""

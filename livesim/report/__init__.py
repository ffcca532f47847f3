"""What people look at: the summary in words and the figures.

Everything here is made from a `Result` and its summary, so that a table and a figure cannot
disagree. It stands above `results` and below the command line.
"""

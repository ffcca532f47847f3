"""``python -m livesim`` is ``livesim``."""

from livesim.cli import main

main(prog_name="livesim")

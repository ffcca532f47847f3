"""Whether what scenario files expect of their shows holds: ``livesim check``.

A file's ``expect:`` says it in lines (:mod:`livesim.scenario.expecting`). Their figures are
simulated (`figures`) until each line is decided or too many shows would be needed (`testing`);
`check` does so for many files at once, and `formats` says it to people and to CI.
"""

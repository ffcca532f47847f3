"""Whether what scenario files expect of their shows holds: ``livesim check``.

A file's ``expect:`` says it in lines (:mod:`livesim.scenario.expecting`), and ``--update`` keeps
what its show comes to (`baselines`). `cases` finds both; `lines` and `bounds` tell which lines
cannot be tested, to ``livesim validate`` (`validating`), too. Their figures are simulated
(`figures`, `planned`, `summaries`) until each line is decided or too many shows would be needed
(`looking`, `testing`); `check` does so for many files at once, recalling what is known
(`verdicts`), and `formats` says it to people and to CI.
"""

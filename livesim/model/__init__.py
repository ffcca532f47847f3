"""How people behave: rates and probabilities as pure functions of arrays.

Nothing here knows a clock, a random number or SimPy. Both engines and the deterministic expectation
call the same functions, so that there is one place in which the behaviour model stands:
:mod:`~livesim.model.inputs` (the numbers of R replications as arrays),
:mod:`~livesim.model.arrivals` (who comes when), :mod:`~livesim.model.rates` (who stays, orders,
loses interest), :mod:`~livesim.model.expectation` (what to expect of a rundown on a neutral stage)
and :mod:`~livesim.model.money` (what the units were worth).
"""

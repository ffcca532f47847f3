"""How people behave: rates and probabilities as pure functions of arrays.

Nothing here knows a clock, a random number or SimPy. Both engines and the deterministic expectation
call the same functions, so that there is one place in which the behaviour model stands:
:mod:`~livesim.model.inputs` (the numbers of R replications as arrays),
:mod:`~livesim.model.arrivals` (who comes when), :mod:`~livesim.model.rates` (who stays, orders,
loses interest), :mod:`~livesim.model.expectation` (what to expect of a rundown on a neutral stage)
and :mod:`~livesim.model.money` (what the units were worth).

The model in short. Time passes on a grid of one *refresh*: viewers look at the screen once a
refresh and react to what it shows. Of a segment's *reach* M, the *turnout* θ comes by the end;
someone who has not come yet comes in an interval of the arrival profile G with the chance
1 − [(1 − θG₁)/(1 − θG₀)]^pull. A viewer's stay is a mixture of bouncers, browsers and stayers with
leave hazard μ. Whoever watches and has not decided about what the slot offers decides at the rate
δ = ln 2 / rush::

    order hazard     δ · c · m         ln m = Σ fit · ln lift + elasticity · ln(price / reference) …
    losing interest  δ · (1 − c)
    leaving          μ / keep^fit

In one refresh a viewer does at most one of these. So someone who sees an offer for L seconds orders
with the chance c (1 − 2^(−L/rush)), longer slots sell more, and guests, prices and the herd
multiply the *odds* of ordering. Forecast errors multiply those odds, and the hazard to come, so
that no draw has to be cut off at 0 or 1.
"""

"""SimPy at work: the show's processes, the crowd that watches, and the stock account.

:mod:`~livesim.engine.show` holds the show's logic as SimPy processes, one environment a
replication. :mod:`~livesim.engine.crowd` turns the model's rates into acts: who comes, leaves,
decides, orders; :mod:`~livesim.engine.viewers` does the same viewer by viewer, as the definition
that the counts are held against. :mod:`~livesim.engine.account` turns order attempts into units
claimed, paid, lapsed and lost. :mod:`~livesim.engine.block` moves a block of replications through
the show in lockstep.
"""

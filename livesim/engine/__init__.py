"""SimPy at work: the show's processes, the crowd that watches, and the ledger of the stock.

:mod:`~livesim.engine.loop` moves a block of replications through the show in lockstep, in six steps
a refresh. :mod:`~livesim.engine.show` holds the show's logic as SimPy processes, one environment a
replication. :mod:`~livesim.engine.crowd` turns the model's rates into acts: who comes, leaves,
decides, orders; :mod:`~livesim.engine.viewers` does the same viewer by viewer, as the definition
that the counts are held against. :mod:`~livesim.engine.placing` makes of their attempts the orders
that come to the stock, in line.

What comes out is a :class:`~livesim.engine.recording.Recording`. Of it
:mod:`~livesim.engine.ledger` makes what is claimed, paid, lapsed and lost, at any stock level: a
pure function. Where something reacts to the stock, :mod:`~livesim.engine.live` follows the same
accounts during the show, and :mod:`~livesim.engine.parting` says until when another level would
have been the same show. :mod:`~livesim.engine.settlement` adds returns and money, and
:mod:`~livesim.engine.tables` makes what results are made of.
"""

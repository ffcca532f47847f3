"""SimPy at work: the show's processes, the crowd that watches, and the ledger of the stock.

:mod:`~livesim.engine.recorder` lets a block of shows be lived through, and returns a
:class:`~livesim.engine.recording.Recording`. :mod:`~livesim.engine.loop` moves the shows on, by six
steps a refresh: all side by side in :mod:`~livesim.engine.lockstep`; where nothing reacts to the
stock but slots that go on, each at a pace of its own in :mod:`~livesim.engine.own_pace`, as each
has stretches with nothing to do. These are the parts in order; each imports only those before it:

.. code-block:: text

    portions streams orders.memory
    orders.orders                           what an order is
    clock timeline release_plan unwatched state campaign
    crowd                                   who comes, leaves, decides, tries to order
    orders                                  what viewers try becomes orders in line
    show                                    processes, and what they change on stage
    custom behaviour reactions              a user's code, and what reacts to the stock
    recording                               what the crowd did
    ledger                                  who gets the units, at every stock level
    state_reached
    own_pace_stock loop lockstep own_pace   the shows go on
    noting parting viewer_notes recorder
    settlement outcome tables journeys      what is told of them

Four of these are groups:

- :mod:`livesim.engine.show`: each show's logic as SimPy processes, one environment a replication,
  and what they change on stage.
- :mod:`livesim.engine.crowd`: who comes, leaves, decides and orders, by the model's rates; counted,
  or viewer by viewer, as the definition that the counts are held against.
- :mod:`livesim.engine.orders`: what viewers try becomes orders of a kind, in line at the stock.
- :mod:`livesim.engine.ledger`: a pure function of the recording: what is claimed, paid, lapsed and
  lost at any stock level, and until when another level would have been the same show.

Then :mod:`~livesim.engine.settlement` adds returns and money, and :mod:`~livesim.engine.tables`
makes an :class:`~livesim.engine.outcome.Outcome`, of which results are made. What depends on the
stock where it moves slots is simulated level by level: :mod:`~livesim.engine.parting` says from
when on shows are no longer the recorded one, :mod:`~livesim.engine.own_pace_stock` what stocks they
go on with, and :mod:`~livesim.engine.state` from where.
"""

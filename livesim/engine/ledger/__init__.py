"""Who gets the units, at every stock level.

:mod:`~livesim.engine.ledger.ledger` is the door. It divides a recording into parts, looks up what
accounts come to until their units run short (``all_levels``), and follows those that run short from
there on (``short_accounts``, ``serving``). ``release`` says when units come on sale, ``reserve``
when a reserve is called, ``sold_out`` when nothing is left, ``validity`` until when another stock
would have made the same show. ``live_stock`` keeps the same accounts while the show goes on.
"""

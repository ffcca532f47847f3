"""Who gets the units, at every stock level.

:mod:`~livesim.engine.ledger.ledger` is the door. It divides a recording into parts and keeps the
accounts of each (``keeping``): they are followed through the show (``walk``), and looked at one
by one where their units run out (``serving``). ``deliveries`` says when units come on sale,
``reserve`` when a reserve is called, ``sold_out`` when nothing is left, ``validity`` until when
another stock would have made the same show. ``shared`` follows accounts of which an order takes
units together: bundles, gifts. ``live_stock`` keeps the same accounts while the show goes on.
"""

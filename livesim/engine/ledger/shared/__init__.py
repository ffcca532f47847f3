"""Accounts that are kept together, since an order takes units of several of them.

A bundle takes units of its components, an order can come with a gift, and a webshop sells of the
same stock. Then an account's units depend on what others still have, so none can be looked up
alone. ``takes`` says what orders take, ``queue`` who is next, ``stock`` who gets units, ``empties``
when they are gone; ``walk`` follows all that through a recording, at all stock levels at once.
"""

"""Measures the engine beside hand-written Python and other rule engines: `make bench`.

Same rules, same answers, same verdicts; nothing here is part of the product.
"""

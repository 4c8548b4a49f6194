"""Proofs over all possible answers: `prove(protocol)` and its parts."""

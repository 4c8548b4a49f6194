"""Proofs over all possible answers: `prove(protocol)` and what it stands on."""

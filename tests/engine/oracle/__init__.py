"""A second, independent reading of the rules, which the tests hold the engine to."""

"""A state machine over the whole program: people, staff, a moving clock, a failing disk."""

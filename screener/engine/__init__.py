"""The pure part: answers in, outcomes out. No Flask, no SQL, no clock, no environment."""

"""The fast path: one compiled Python function a protocol."""

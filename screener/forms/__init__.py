"""Forms: a page of a protocol becomes fields, and what was posted becomes answers."""

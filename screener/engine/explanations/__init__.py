"""Why one rule came out so: what is enough, how near it is, what settles or flips it."""

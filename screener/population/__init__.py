"""Many submissions at once: files of answers in, a file of outcomes and one of refusals out."""

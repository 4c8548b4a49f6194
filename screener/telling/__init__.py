"""Telling people outside of this program: by mail and by webhook, without anything of a person."""

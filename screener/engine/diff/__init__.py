"""Two versions of a rulebook compared: by meaning, by person, by the answers that they take."""

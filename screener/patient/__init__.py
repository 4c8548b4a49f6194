"""The patient's side: from the start page to the results."""

"""Languages that patients read: translations beside the rules, read, checked and put to use."""

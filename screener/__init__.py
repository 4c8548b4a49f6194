"""Rule-based patient intake screening: flags patterns for a physician, never diagnoses."""

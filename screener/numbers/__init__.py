"""The clinic's numbers: forms, reactions, outcomes and where people stop, by week. Pure."""

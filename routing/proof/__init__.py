"""The best day of one person, with the proof: a plan, a bound under it, and labels between the two."""

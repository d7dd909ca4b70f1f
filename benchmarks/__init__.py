"""Measured comparisons: our engine beside others, on instances anybody can have, judged in the same run."""

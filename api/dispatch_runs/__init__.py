"""Batch runs: asked for, shown as a difference, committed, undone; and changes of the plan in force by hand."""

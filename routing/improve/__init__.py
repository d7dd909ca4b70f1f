"""The compiled search: ruin and recreate over a problem laid out as flat arrays."""

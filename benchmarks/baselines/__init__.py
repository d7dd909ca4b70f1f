"""Other people's solvers, each stated as its own documentation would have it."""

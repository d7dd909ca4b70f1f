"""The fast kernel: what most days and the published instances need, and nothing that they would pay for."""

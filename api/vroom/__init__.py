"""VROOM over HTTP: its problem in, its solution out, as vroom-express answers."""

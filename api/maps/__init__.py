"""Questions about the map: who is near, which order, how far, which way."""

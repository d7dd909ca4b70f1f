"""Places that tests about the map name, as HTTP takes them."""

import numpy as np

SQUARE = {"lat": -29.9027, "lng": -71.2520}
BEACH = {"lat": -29.9146, "lng": -71.2742}
HARBOUR = {"lat": -29.9533, "lng": -71.3363}
"""In Coquimbo and La Serena, west of one another in this order."""

BAY = {"lat": -29.935, "lng": -71.30}
"""In the sea between them: inside the outline, far from any road."""

OCEAN = {"lat": 0.0, "lng": -30.0}
KIEL, HOBART = {"lat": 54.321, "lng": 10.131}, {"lat": -42.879, "lng": 147.331}
"""Of the region "continents": no road leads from one to the other."""


def text(place):
    """A place as a query has it."""
    return f"{place['lat']},{place['lng']}"


def town(n, seed=1):
    """Places all over La Serena."""
    rng = np.random.default_rng(seed)
    return [
        {"lat": float(lat), "lng": float(lng)}
        for lat, lng in zip(rng.uniform(-29.92, -29.885, n), rng.uniform(-71.262, -71.235, n), strict=True)
    ]

"""Where on earth: points, distances, cells, areas and polylines. Pure; knows nothing of roads."""

"""The application: use cases in vertical slices, HTTP routes on top, event handlers beside them."""

"""A day under way: one more job at once, and a new plan that keeps what was promised."""

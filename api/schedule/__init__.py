"""The day of one contractor as the plan in force has it."""

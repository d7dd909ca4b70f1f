"""Who does what: contractors, jobs, matching, the plan of a day and the files it lives in."""

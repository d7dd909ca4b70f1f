"""How to drive: road data, travel times, timetables, route optimisation and its independent judge."""

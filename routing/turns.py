"""A step of directions as a sentence in plain English."""

from routing.engine import Step

_WINDS = ("north", "northeast", "east", "southeast", "south", "southwest", "west", "northwest")

_TURNS = {
    "uturn": "make a U-turn",
    "sharp right": "turn sharp right",
    "right": "turn right",
    "slight right": "turn slightly right",
    "straight": "go straight",
    "slight left": "turn slightly left",
    "left": "turn left",
    "sharp left": "turn sharp left",
}

_EXIT = "at {roundabout} take exit {exit_number}{onto}"
_ENTER = "enter {roundabout}{onto}"

_SENTENCES = {
    "depart": "head {wind}{on}",
    "arrive": "arrive at your destination{where}",
    "turn": "{turn}{onto}",
    "end of road": "at the end of the road {turn}{onto}",
    "continue": "continue{way}{on}",
    "new name": "continue{bend}{onto}",
    "use lane": "continue{on}",
    "notification": "continue{on}",
    "fork": "keep {side} at the fork{onto}",
    "merge": "merge{to_side}{onto}",
    "ramp": "take the ramp{on_side}{onto}",
    "on ramp": "take the ramp{on_side}{onto}",
    "off ramp": "take the exit{on_side}{onto}",
    "roundabout turn": "at {roundabout} {turn}{onto}",
    "exit roundabout": "leave {roundabout}{onto}",
    "exit rotary": "leave {roundabout}{onto}",
}
"""By OSRM's type of manoeuvre; a type that it may come to know is a turn."""


def sentence(step: Step) -> str:
    """What to do, without a full stop: "Turn left onto Elm Street", "At the roundabout take exit 2 onto Elm Street"."""
    side = next((side for side in ("left", "right") if step.modifier.endswith(side)), "")
    towards = f" towards {step.towards}" if step.towards else ""
    way = f" {step.modifier.replace('slight', 'slightly')}" if step.modifier else ""
    said = _pattern(step).format(
        wind=_WINDS[round(step.bearing_deg / 45) % 8],
        turn=_TURNS.get(step.modifier, "continue"),
        way=way,
        bend=way if side else "",
        side=side or "straight on",
        to_side=f" {side}" if side else "",
        on_side=f" on the {side}" if side else "",
        where=f", on the {side}" if side else ", straight ahead" if step.modifier == "straight" else "",
        roundabout=step.roundabout or "the roundabout",
        exit_number=step.exit_number,
        on=f" on {step.street}{towards}" if step.street else towards,
        onto=f" onto {step.street}{towards}" if step.street else towards,
    )
    return said[0].upper() + said[1:]


def _pattern(step: Step) -> str:
    if step.kind in {"roundabout", "rotary"}:
        return _ENTER if step.exit_number is None else _EXIT
    if step.kind == "continue" and step.modifier == "uturn":
        return "make a U-turn{on}"
    return _SENTENCES.get(step.kind, _SENTENCES["turn"])

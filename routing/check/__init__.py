"""The judge: everything that is wrong with a plan, and what the plan costs. Shares no code with any solver.

It reads a plan as a claim. Times must follow from each other and from the matrices, limits must hold, stops that
depend on each other must fit together, and every figure that the plan states is worked out again.
"""

from routing.check.change import change_violations, objective_violations
from routing.check.cost import cost, cost_of
from routing.check.limits import limit_violations
from routing.check.membership import membership
from routing.check.reading import readings
from routing.check.routes import route_violations, total_violations
from routing.check.ties import tie_violations
from routing.check.violation import KINDS, Violation
from routing.types import Plan, Problem

__all__ = ["KINDS", "Violation", "change_violations", "cost", "violations"]


def violations(problem: Problem, plan: Plan) -> list[Violation]:
    """Everything that is wrong with a plan, in the order of the plan; empty when it may be driven as it stands.

    A route of an unknown vehicle, or with an unknown stop, is named and not read any further; the objective is
    judged when every route could be read.
    """
    found = list(membership(problem, plan))
    read = readings(problem, plan)
    for route in read:
        found += route_violations(route)
        found += limit_violations(problem, route)
        found += total_violations(route)
    found += tie_violations(problem, plan, read)
    if len(read) == len(plan.routes):
        found += objective_violations(plan.objective, cost_of(problem, read))
    return found

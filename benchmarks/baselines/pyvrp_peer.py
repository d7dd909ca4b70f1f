"""PyVRP at the other end of a pipe: one question in JSON on stdin, one answer in JSON on stdout.

Runs in the peers' environment and imports nothing of ours.
"""

import json
import os
import sys
import time
from importlib.metadata import version
from typing import Any

import numpy as np
import pyvrp
from pyvrp.stop import MaxRuntime


def answer(asked: dict[str, Any]) -> dict[str, Any]:
    """Orders of stop positions by vehicle, and what the search took.

    ``asked``: "problem" as ``benchmarks.to_pyvrp`` makes it, "budget_s", "seed".
    """
    problem = asked["problem"]
    began_s, cpu_s = time.perf_counter(), time.process_time()
    data = _data(problem)
    left_s = asked["budget_s"] - (time.perf_counter() - began_s)
    result = pyvrp.solve(data, MaxRuntime(max(0.01, left_s)), seed=asked["seed"], collect_stats=False, display=False)
    took = {"wall_s": time.perf_counter() - began_s, "cpu_s": time.process_time() - cpu_s}
    orders: list[list[int]] = [[] for _ in problem["vehicles"]]
    for route in result.best.routes():
        orders[route.vehicle_type()] = [_stop(problem, one) for one in route if not one.is_depot()]
    return {"orders": orders, "version": version("pyvrp")} | took


def _stop(problem: dict[str, Any], activity: pyvrp.Activity) -> int:
    if activity.is_client():
        return int(problem["clients"][activity.idx]["stop"])
    end = "pickup" if activity.is_pickup() else "delivery"
    return int(problem["shipments"][activity.idx][end]["stop"])


def _data(problem: dict[str, Any]) -> pyvrp.ProblemData:
    n_depots, required = problem["n_depots"], problem["required"]
    clients = [
        pyvrp.Client(
            n_depots + client["stop"],
            delivery=client["delivers"],
            pickup=client["collects"],
            service_duration=client["service_s"],
            tw_early=client["window"][0],
            tw_late=client["window"][1],
            prize=0 if required else client["prize"],
            required=required,
        )
        for client in problem["clients"]
    ]
    shipments = [
        pyvrp.Shipment(
            n_depots + job["pickup"]["stop"],
            n_depots + job["delivery"]["stop"],
            pickup_tw_early=job["pickup"]["window"][0],
            pickup_tw_late=job["pickup"]["window"][1],
            pickup_service_duration=job["pickup"]["service_s"],
            delivery_tw_early=job["delivery"]["window"][0],
            delivery_tw_late=job["delivery"]["window"][1],
            delivery_service_duration=job["delivery"]["service_s"],
            amount=job["amount"],
            prize=0 if required else job["prize"],
            required=required,
        )
        for job in problem["shipments"]
    ]
    return pyvrp.ProblemData(
        locations=[pyvrp.Location(0, 0) for _ in range(n_depots + problem["n_stops"])],
        clients=clients,
        depots=[pyvrp.Depot(number) for number in range(n_depots)],
        vehicle_types=[_vehicle(vehicle) for vehicle in problem["vehicles"]],
        distance_matrices=[np.array(profile["points"], dtype=np.int64) for profile in problem["profiles"]],
        duration_matrices=[np.array(profile["seconds"], dtype=np.int64) for profile in problem["profiles"]],
        shipments=shipments,
    )


def _vehicle(vehicle: dict[str, Any]) -> pyvrp.VehicleType:
    limits = {"max_distance": vehicle["max_points"], "shift_duration": vehicle["max_work_s"]}
    return pyvrp.VehicleType(
        1,
        capacity=vehicle["capacity"],
        start_depot=vehicle["start"],
        end_depot=vehicle["end"],
        fixed_cost=vehicle["fixed"],
        tw_early=vehicle["shift"][0],
        tw_late=vehicle["shift"][1],
        profile=vehicle["profile"],
        **{name: limit for name, limit in limits.items() if limit is not None},
    )


if __name__ == "__main__":
    question = json.load(sys.stdin)
    if question["pinned"]:
        os.sched_setaffinity(0, question["pinned"])
    json.dump(answer(question), sys.stdout)

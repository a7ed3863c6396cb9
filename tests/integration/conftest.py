"""The fixtures `world` and `measured`, and what a failed test shows of its processes."""
# SPDX-License-Identifier: MIT
import time

import pytest

from harness import World

STARVED = 0.02  # of the time


@pytest.hookimpl(hookwrapper=True)
def pytest_runtest_makereport(item, call):
    report = (yield).get_result()
    world = getattr(item, "world", None)
    if report.when == "call":
        item.passed = report.passed
        for name, text in world.trace() if world and report.failed else ():
            report.sections.append((name, text))


@pytest.fixture
def measured(request):
    """measured(run) calls run(world, part) with a fresh world and closes it; what run asserts of
    rates is judged by the SMSC's own clock.  `part` is 1, all that was promised, up to three times.
    Where the kernel says that the processes had to wait for a core, the figures are the machine's
    and not ours: then it is once more with `part` 0.6."""

    def measure(run):
        parts = [1, 1, 1]
        while parts:
            w, began = World(), time.monotonic()
            request.node.world = w
            try:
                run(w, parts.pop(0))
            except AssertionError:
                if w.waited_for_cores_s() > STARVED * (time.monotonic() - began) and 1 in parts:
                    parts = [0.6]
                if not parts:
                    raise  # closed below, when its trace is taken
                w.close(check=False)
            else:
                w.close()
                request.node.world = None
                return

    yield measure
    if getattr(request.node, "world", None):
        request.node.world.close(check=False)


@pytest.fixture
def world(request):
    w = request.node.world = World()
    yield w
    w.close(check=getattr(request.node, "passed", False))

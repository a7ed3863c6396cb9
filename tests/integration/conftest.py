"""The fixtures `world` and `measured`, and what a failed test shows of its processes."""
# SPDX-License-Identifier: MIT
import pytest

from harness import World


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
    """measured(run) calls run(world) with a fresh world and closes it.  What run asserts of a rate
    is judged by the SMSC's own clock; a machine that is busy with something else can still spoil
    it (the SMSC reads late, and much at once): so a run may fail twice, not three times."""

    def measure(run, tries=3):
        for left in reversed(range(tries)):
            w = request.node.world = World()
            try:
                run(w)
            except AssertionError:
                if left == 0:
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

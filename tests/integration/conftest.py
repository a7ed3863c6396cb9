"""The fixture `world`, and what a failed test shows of its processes."""
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
def world(request):
    w = request.node.world = World()
    yield w
    w.close(check=getattr(request.node, "passed", False))

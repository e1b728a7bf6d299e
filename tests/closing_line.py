"""pytest plugin (`-p tests.closing_line`): the last line printed is `N passed, N failed[, N skipped]`."""

from collections.abc import Sized

import pytest


def pytest_unconfigure(config: pytest.Config) -> None:
    """Print the counts after everything else; an error in a fixture counts as a failure."""
    reporter = config.pluginmanager.get_plugin("terminalreporter")
    if reporter is None:
        return
    stats: dict[str, Sized] = reporter.stats
    count = {outcome: len(stats.get(outcome, ())) for outcome in ("passed", "failed", "error", "skipped")}
    skipped = f", {count['skipped']} skipped" if count["skipped"] else ""
    reporter.write_line(f"{count['passed']} passed, {count['failed'] + count['error']} failed{skipped}")

"""How the tests are shared between the workers: those that share something long to make stay together."""

from xdist.scheduler import LoadScopeScheduling
from xdist.workermanage import WorkerController

# Beginnings of addresses, the first that fits: the visit of every page, the demonstration on an empty base,
# the journeys in the one that the visit has loaded meanwhile.
TOGETHER = {
    "tests/browser/test_html.py": "visite",
    "tests/browser/test_axe.py": "visite",
    "tests/browser/test_sobriete.py": "visite",
    "tests/integration/test_demo.py": "demonstration",
    "tests/browser/": "parcours",
}


class Partage(LoadScopeScheduling):
    """Groups first, as they are written above; then tests one by one.

    The marks of `--dist=loadgroup` come by an attribute of the tests that pytest no longer reads.
    """

    def _split_scope(self, nodeid: str) -> str:
        return next((group for start, group in TOGETHER.items() if nodeid.startswith(start)), nodeid)

    def _assign_work_unit(self, node: WorkerController) -> None:
        for group in reversed(dict.fromkeys(TOGETHER.values())):
            if group in self.workqueue:
                self.workqueue.move_to_end(group, last=False)
        super()._assign_work_unit(node)

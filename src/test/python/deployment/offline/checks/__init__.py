"""What must hold in every environment. Each check is a function from a Platform to sentences on what is wrong.

A check is registered by its module in CHECKS; test_holds.py runs each on each environment, test_mutations.py shows that each
can fail.
"""

from ..platform import Check
from . import cells, gitops, network, pods, references, scaling, scraping

CHECKS: dict[str, Check] = {
    check.__name__: check
    for module in (references, pods, scaling, scraping, cells, gitops, network)
    for check in module.CHECKS
}

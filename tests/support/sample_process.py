"""The sample service as a process of its own: `python -m tests.support.sample_process api 8101`."""

import sys

from chassis.serve import Role, run
from tests.support.sample import service

if __name__ == "__main__":
    run(service, Role(sys.argv[1]), int(sys.argv[2]))

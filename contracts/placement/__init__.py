"""What placement tells, by aggregate: the market, enquiries, quotes, proposals, placing, policies."""

from .enquiries import *  # noqa: F403
from .market import *  # noqa: F403
from .placings import *  # noqa: F403
from .policies import *  # noqa: F403
from .proposals import *  # noqa: F403
from .quotes import *  # noqa: F403

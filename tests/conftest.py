"""What all tests share: the servers, and services running on them."""

pytest_plugins = ["tests.support.servers", "tests.support.fixtures"]

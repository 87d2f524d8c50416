"""What tests share: servers, makers, clients."""

"""Cover confirmations (承保确认书): what the client is told once every share is bound."""

"""Messages: in the application and by e-mail, with proof of hand-over."""

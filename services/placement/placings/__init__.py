"""Placing instructions (出单通知): the panel, its shares, and each insurer's written line."""

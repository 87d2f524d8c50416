"""Mandates (委托合同, 授权委托书): drafted, reviewed, signed, active, ended (C13)."""

"""Our own people as this service needs them: users with their roles, and who reports to whom. Copies fed by identity
and hr.
"""

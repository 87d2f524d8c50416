"""Project registrations (项目报备): who may work on which client and line family, until when (C19, C20)."""

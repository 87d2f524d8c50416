"""Client money accounts (客户资金专用账户): where clients pay premium to (F4, Art 43)."""

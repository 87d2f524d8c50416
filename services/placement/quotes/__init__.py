"""Quotes (报价): one for each insurer asked, and their comparison."""

"""Debit notes (付款通知书): premium debited on binding, approved by a second person, issued as a paper."""

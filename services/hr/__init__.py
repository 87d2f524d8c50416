"""Who works for the company, and who of them may practise."""

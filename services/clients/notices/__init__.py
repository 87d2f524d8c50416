"""Client notices (客户告知书): editions of the template, and the notice that a client gets and signs for (C15)."""

-- What is overdue is taken from each tenant in turn: the next tenant, and its oldest, are each one step in this.
create index triggers_in_turn on triggers (tenant_id, next_poll_at) where is_enabled;

-- What a tenant buys, at the prices it said yes to. Nothing here is a payment: a provider of the operator's takes those.
create table purchases (
  id text primary key,
  tenant_id text not null,
  plugin text not null,
  -- The digest of the prices agreed to, and the prices.
  terms text not null,
  pricing jsonb not null,
  -- Minor units; null where the operator agrees on a price with the tenant.
  amount bigint check (amount >= 0),
  currency text,
  status text not null check (status in ('open', 'paid', 'canceled', 'refunded')),
  provider text not null,
  -- What the provider calls it.
  provider_reference text,
  -- Where, or how, to pay.
  url text,
  instructions text,
  created_at timestamptz not null,
  settled_at timestamptz,
  -- Of whoever settled it: a number of their books, or why it was canceled or refunded.
  note text
);
create unique index purchases_one_open on purchases (tenant_id, plugin) where status = 'open';
create index purchases_of_tenant on purchases (tenant_id, id);
create index purchases_by_status on purchases (status, id);
create unique index purchases_of_provider on purchases (provider, provider_reference) where provider_reference is not null;

-- Whether a tenant may run what costs something, and until when. One row for each tenant and plugin.
create table entitlements (
  id text primary key,
  tenant_id text not null,
  plugin text not null,
  -- Counts every change: a host never goes back to a lower one.
  revision integer not null check (revision > 0),
  state text not null check (state in ('active', 'ended')),
  source text not null check (source in ('trial', 'purchase', 'grant')),
  terms text not null,
  pricing jsonb not null,
  -- Null: it does not end by itself.
  expires_at timestamptz,
  trial_used boolean not null,
  updated_at timestamptz not null,
  unique (tenant_id, plugin)
);

-- Every revision there was, and why.
create table entitlement_history (
  entitlement_id text not null references entitlements (id),
  revision integer not null,
  state text not null,
  source text not null,
  expires_at timestamptz,
  reason text not null,
  at timestamptz not null,
  primary key (entitlement_id, revision)
);
create trigger entitlement_history_appended before update or delete or truncate on entitlement_history
  for each statement execute function refuse_change();

import { claimFor, type TestPublisher, type TestRegistry, tenant } from "./registry.ts";

/** A claim of the publisher's for a tenant, good now. @param claim members that differ */
export async function claimForTenant(
  { name, key }: TestPublisher,
  tenantId: string,
  claim: Record<string, unknown> = {},
): Promise<string> {
  return claimFor(name, key, { audience: `plugboard-tenant:${tenantId}`, ...claim });
}

/** Has the publisher publish private plugins for the tenant. */
export async function linkTo(
  { client }: Pick<TestRegistry, "client">,
  publisher: TestPublisher,
  tenantId = tenant,
): Promise<void> {
  await client.linkPublisher(tenantId, publisher.name, await claimForTenant(publisher, tenantId));
}

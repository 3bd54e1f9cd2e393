import type { ClientOptions } from "./request.ts";

/** How a read of the catalog says for which tenant it is. */
export type OnBehalf = (tenantId: string | undefined) => { query: { tenantId?: string }; asHost: boolean };

/** A host without a token sees what everybody sees, and the registry would refuse it anything else. */
export function createOnBehalf({ hostToken }: Pick<ClientOptions, "hostToken">): OnBehalf {
  return (tenantId) =>
    tenantId === undefined || hostToken === undefined
      ? { query: {}, asHost: false }
      : { query: { tenantId }, asHost: true };
}

import { type NetworkPermission, permitsRequest } from "../manifest/index.ts";

/** Which permission lets a request through. */
export interface Permit {
  /** `permissions.network[0]` */
  permission: string;
  reason: string;
  /** Whether the connection's credential goes with it. */
  authenticated: boolean;
}

/** The first that covers a request; undefined when none does, so that it is refused. */
export function findPermit(
  network: readonly NetworkPermission[] | undefined,
  request: { method: string; url: URL },
  config: { [field: string]: unknown },
): Permit | undefined {
  const permissions = network ?? [];
  const index = permissions.findIndex((one) => permitsRequest([one], request, config));
  const found = permissions[index];
  if (!found) return undefined;
  // A host that any permission names as one to be called without gets none, under whatever path.
  const bare = permissions.some(
    ({ paths: _, ...one }) =>
      one.credential === false &&
      permitsRequest([{ ...one, methods: ["GET"] }], { method: "GET", url: request.url }, config),
  );
  return { permission: `permissions.network[${index}]`, reason: found.reason, authenticated: !bare };
}

/**
 * What an API key may do. A scope is `<resource>:<verb>`; `<resource>:*` stands for every verb of the resource
 * and `*` for everything inside the key's own tenant. No scope reaches past the tenant: only the admin key does.
 */
const verbsByResource = {
  "api-keys": ["read", "write"],
  marketplace: ["read"],
  reviews: ["write"],
  purchases: ["read", "write"],
  installs: ["read", "write"],
  policy: ["read", "write"],
  approvals: ["decide"],
  connections: ["read", "write"],
  actions: ["run"],
  proxy: ["call"],
  entities: ["read", "write"],
  triggers: ["read", "write"],
  files: ["read", "write"],
  events: ["read"],
  "hook-changes": ["read"],
} as const;

type Resource = keyof typeof verbsByResource;
export type Scope = { [R in Resource]: `${R}:${(typeof verbsByResource)[R][number]}` }[Resource];

/** Every scope that a key can carry, wildcards included, in the order shown to people. */
export const grantableScopes: readonly string[] = [
  "*",
  ...Object.entries(verbsByResource).flatMap(([resource, verbs]) => [
    `${resource}:*`,
    ...verbs.map((verb) => `${resource}:${verb}`),
  ]),
];

/** Does a key that carries `granted` cover `needed`? Also compares a wildcard with a wildcard. */
export function coversScope(granted: readonly string[], needed: string): boolean {
  const resource = needed.split(":")[0];
  return granted.includes("*") || granted.includes(needed) || granted.includes(`${resource}:*`);
}

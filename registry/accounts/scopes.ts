/** What a token may be used for. */
export const scopes = ["read", "publish", "yank", "members", "tokens"] as const;
export type Scope = (typeof scopes)[number];

/** What a member may do for a publisher; each may all that the ones after it may. */
const roles = ["owner", "maintainer", "viewer"] as const;
export type Role = (typeof roles)[number];

/** The least role that a scope is of use to, where a publisher is concerned. */
const leastRole: Record<Exclude<Scope, "tokens">, Role> = {
  read: "viewer",
  publish: "maintainer",
  yank: "maintainer",
  members: "owner",
};

/** Whether a member of this role may do what the scope stands for. */
export function roleAllows(role: Role, scope: Exclude<Scope, "tokens">): boolean {
  return roles.indexOf(role) <= roles.indexOf(leastRole[scope]);
}

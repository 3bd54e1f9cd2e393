import { OAuthError } from "./oauth/apps.ts";
import { createOrg, type Org, type OrgOptions } from "./orgs.ts";

/** The orgs of a stand-in, and who logs in to which. */
export interface OrgDirectory {
  all: readonly Org[];
  /** @throws TypeError */
  named(name: string): Org;
  userOf(username: string): { org: Org; userId: string } | undefined;
  /** Who somebody is who opens a page of this host: whom the hint names, or the administrator of the first org there. @throws OAuthError */
  login(host: string, hint: string | null): { org: Org; userId: string };
}

export function createOrgDirectory(
  options: { readonly [name: string]: OrgOptions },
  nowMs: () => number,
): OrgDirectory {
  const all = Object.entries(options).map(([name, one]) => createOrg(name, one, nowMs));
  const userOf: OrgDirectory["userOf"] = (username) => {
    for (const org of all)
      for (const { Id, Username } of org.tables.get("User")?.values() ?? [])
        if (Username === username) return { org, userId: Id };
    return undefined;
  };
  return {
    all,
    userOf,
    named(name) {
      const found = all.find((org) => org.name === name);
      if (found) return found;
      throw new TypeError(`There is no org ${name}; there are ${all.map((org) => org.name).join(", ")}.`);
    },
    login(host, hint) {
      if (hint !== null) {
        const user = userOf(hint);
        if (user) return user;
      }
      const org = all.find(({ domain, isSandbox }) => {
        if (host === "login.salesforce.com") return !isSandbox;
        if (host === "test.salesforce.com") return isSandbox;
        return host === domain || !host.endsWith(".salesforce.com");
      });
      if (org) return { org, userId: org.adminId };
      throw new OAuthError("invalid_request", "There is no org to log in to here");
    },
  };
}

import type { Permissions } from "@plugboard/plugin-sdk/manifest";
import type { Static } from "typebox";
import type { Policy } from "./schemas.ts";

/** What a policy is held against. */
export interface Candidate {
  plugin: string;
  version: string;
  permissions: Permissions;
  publisherVerified: boolean;
  publishedAt: Date;
}

/** A rule of a policy that a version breaks. */
export interface Breach {
  /** The member of the policy. */
  rule: string;
  message: string;
}

const hourMs = 60 * 60 * 1000;

/** Lets everything in: what holds for a tenant that has said nothing. */
export const openPolicy: Static<typeof Policy> = {
  allow: null,
  deny: [],
  verifiedOnly: false,
  maxPermissions: null,
  approvalRequired: false,
  coolDownHours: 0,
};

/** Whether another version of the same plugin may keep the rule. */
export function isOfVersion({ rule }: Breach): boolean {
  return rule === "coolDownHours" || rule === "maxPermissions";
}

/** Every rule that a version breaks; whether an approval is there is not asked here. */
export function breachesOf(policy: Static<typeof Policy>, candidate: Candidate, now: Date): Breach[] {
  const { plugin, version, publishedAt } = candidate;
  const breaches: Breach[] = [];
  const denied = policy.deny.find((pattern) => fits(pattern, plugin));
  if (denied) breaches.push({ rule: "deny", message: `"${denied}" is denied, and ${plugin} fits it.` });
  if (policy.allow && !policy.allow.some((pattern) => fits(pattern, plugin))) {
    breaches.push({ rule: "allow", message: `${plugin} fits nothing that is allowed.` });
  }
  if (policy.verifiedOnly && !candidate.publisherVerified) {
    const message = `Only verified publishers are allowed, and that of ${plugin} is not.`;
    breaches.push({ rule: "verifiedOnly", message });
  }
  const allowedFrom = new Date(publishedAt.getTime() + policy.coolDownHours * hourMs);
  if (now < allowedFrom) {
    const message = `${plugin} ${version} is allowed from ${allowedFrom.toISOString()} on, ${policy.coolDownHours} hours after it was published.`;
    breaches.push({ rule: "coolDownHours", message });
  }
  if (policy.maxPermissions) breaches.push(...tooMuch(policy.maxPermissions, candidate.permissions));
  return breaches;
}

/** @param pattern `publisher/name`, `publisher/*` or `*` */
function fits(pattern: string, plugin: string): boolean {
  if (pattern === "*" || pattern === plugin) return true;
  return pattern.endsWith("/*") && plugin.startsWith(pattern.slice(0, -1));
}

function tooMuch(max: NonNullable<Static<typeof Policy>["maxPermissions"]>, asked: Permissions): Breach[] {
  const breaches: Breach[] = [];
  const refuse = (what: string) => breaches.push({ rule: "maxPermissions", message: what });
  for (const { hosts, methods } of asked.network ?? []) {
    for (const host of hosts) {
      if (max.hosts && !max.hosts.some((pattern) => fitsHost(pattern, host)))
        refuse(`The host ${host} is not allowed.`);
    }
    for (const method of methods) {
      if (max.methods && !max.methods.includes(method)) refuse(`The method ${method} is not allowed.`);
    }
  }
  const bytes = asked.storage?.maxBytes ?? 0;
  if (max.storageBytes !== null && bytes > max.storageBytes) {
    refuse(`It asks for ${bytes} bytes of storage; ${max.storageBytes} are allowed.`);
  }
  for (const name of ["events", "hooks", "files", "binary"] as const) {
    if (asked[name] && !max[name]) refuse(`The permission "${name}" is not allowed.`);
  }
  return breaches;
}

/** `*.example.com` is every host below it. A placeholder in a host is a label that a connection fills in. */
function fitsHost(pattern: string, host: string): boolean {
  return pattern.startsWith("*.") ? host.endsWith(pattern.slice(1)) : pattern === host;
}

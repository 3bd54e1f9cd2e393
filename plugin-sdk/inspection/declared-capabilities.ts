import { type Manifest, parseHostPattern } from "../manifest/index.ts";
import type { Finding } from "./finding.ts";
import type { CodeFacts } from "./read-code.ts";

/**
 * What the code asks for beside what plugin.json declares. A request to an address that stands in the code and is declared
 * nowhere is a problem: it could never work. What is declared and seems unused, or only named in a text, is noted.
 */
export function judgeCapabilities(
  manifest: Declared,
  facts: CodeFacts,
): { problems: Finding[]; notes: Finding[] } {
  return {
    problems: undeclaredRequests(manifest, facts),
    notes: [...mentionedHosts(manifest, facts), ...unused(manifest, facts)],
  };
}

/** `auth` may be anything: it is looked through for addresses, at which hosts themselves ask. */
type Declared = Pick<Manifest, "main" | "permissions"> & { auth?: unknown };

function undeclaredRequests({ main, permissions }: Declared, { requests }: CodeFacts): Finding[] {
  return requests.flatMap(({ url, host, line }): Finding[] => {
    const at = { pointer: "/permissions/network", file: main, line };
    if (/^http:/i.test(url)) {
      const message = `The code requests "${shown(url)}" over http. Hosts send nothing unencrypted; use https.`;
      return [{ code: "request-not-https", ...at, message }];
    }
    if (host === undefined || isDeclared(permissions, host)) return [];
    const message = `The code requests "${shown(host)}", which permissions.network does not declare, so every host refuses it. Declare it there with a reason, or remove the request.`;
    return [{ code: "host-undeclared", ...at, message }];
  });
}

function mentionedHosts({ main, permissions }: Declared, { hosts, requests }: CodeFacts): Finding[] {
  const requested = new Set(requests.map(({ line }) => line));
  const seen = new Set<string>();
  return hosts.flatMap(({ host, line }): Finding[] => {
    if (seen.has(host) || requested.has(line) || isDeclared(permissions, host)) return [];
    seen.add(host);
    const message = `The code names "${shown(host)}", which permissions.network does not declare. Fine for a link; a request to it is refused.`;
    return [{ code: "host-mentioned", pointer: "/permissions/network", file: main, line, message }];
  });
}

function unused({ permissions, auth }: Declared, { hosts, names }: CodeFacts): Finding[] {
  const named = new Set([...hosts.map(({ host }) => host), ...hostsOf(auth)]);
  const used = new Set(names);
  const notes: Finding[] = [];
  for (const [index, { hosts: declared }] of (permissions.network ?? []).entries()) {
    for (const [place, host] of declared.entries()) {
      // A host with a placeholder, or put together at run time, does not stand in the code.
      if (host.includes("{") || named.has(host)) continue;
      const message = `The code never names "${host}" as an address. If it does not need it, declare it no more: tenants agree to every host.`;
      notes.push({
        code: "permission-unused",
        pointer: `/permissions/network/${index}/hosts/${place}`,
        message,
      });
    }
  }
  const rest = {
    storage: permissions.storage,
    files: permissions.files,
    events: permissions.events?.publish,
  };
  for (const [name, asked] of Object.entries(rest)) {
    if (!asked || used.has(name)) continue;
    const message = `The code never uses "${name}". If it does not need it, declare it no more.`;
    notes.push({ code: "permission-unused", pointer: `/permissions/${name}`, message });
  }
  return notes;
}

function hostsOf(auth: unknown): string[] {
  const text = JSON.stringify(auth) ?? "";
  return [...text.matchAll(/https:\/\/([^/?#"\\\s]+)/g)].map(([, host = ""]) => host);
}

function isDeclared({ network = [] }: Manifest["permissions"], host: string): boolean {
  return network.some(({ hosts }) => hosts.some((declared) => fits(declared, host)));
}

/** Whether a host can be what a pattern stands for, whatever the connection's settings are. */
function fits(declared: string, host: string): boolean {
  const pattern = parseHostPattern(declared);
  const [name = "", port] = host.split(":");
  const labels = name.split(".");
  if (!pattern || labels.length !== pattern.labels.length) return false;
  if ((pattern.port ?? 443) !== Number(port ?? 443)) return false;
  return pattern.labels.every((label, index) => !("literal" in label) || label.literal === labels[index]);
}

function shown(text: string): string {
  return text.slice(0, 100);
}

import { isIP } from "node:net";
import { getPublicSuffix } from "tldts-icann";
import { parseHostPattern } from "../host-pattern.ts";
import { pointerTo } from "../pointer.ts";
import { defineRule } from "./rule.ts";

/** Names that mean this machine or this network, whatever DNS says (RFC 6761, RFC 6762, RFC 8375, RFC 9476). */
const localSuffix = /(?:^|\.)(?:localhost|local|internal|intranet|lan|home\.arpa|onion|alt)$/;

/** A permission names the hosts that a tenant can judge: no wildcards, addresses or whole top-level domains. */
export const hostsRule = defineRule({
  needs: ["permissions"],
  check({ permissions }) {
    return (permissions.network ?? []).flatMap(({ hosts }, entry) =>
      hosts.flatMap((host, index) => {
        const refusal = refuseHost(host);
        if (!refusal) return [];
        const pointer = pointerTo("permissions", "network", entry, "hosts", index);
        return [{ code: "host-invalid", pointer, message: `Host ${JSON.stringify(host)} ${refusal}` }];
      }),
    );
  },
});

/** Why a host pattern is refused, as the end of a sentence about it; undefined if it is fine. */
function refuseHost(host: string): string | undefined {
  if (host.includes("*")) {
    return "has a wildcard; name each host, or use a placeholder that the connection's config fills, such as {shop}.example.com.";
  }
  if (host.includes("://") || /[/?#@\\]/.test(host)) {
    return "has more than a host in it; write the host alone, such as api.example.com.";
  }
  if (isAddress(host)) return "is an IP address; name a host.";
  const pattern = parseHostPattern(host);
  if (!pattern) {
    return "is not a host; expected lower-case ASCII labels (xn--… for others), no trailing dot, placeholders as whole labels, at most one :port.";
  }
  if (pattern.port === 443) return "names port 443, which is the default; leave it out.";
  return refuseName(pattern.labels);
}

function refuseName(labels: ({ literal: string } | { placeholder: string })[]): string | undefined {
  const lastPlaceholder = labels.findLastIndex((label) => "placeholder" in label);
  const fixed = labels
    .slice(lastPlaceholder + 1)
    .flatMap((label) => ("literal" in label ? [label.literal] : []));
  const suffix = fixed.join(".");
  if (localSuffix.test(suffix)) return "is a name of the local network; name a public host.";
  if (fixed.length < 2) {
    return "does not end in a domain; expected at least two fixed labels at its end, such as example.com.";
  }
  if (lastPlaceholder >= 0 && getPublicSuffix(suffix) === suffix) {
    return `lets a setting choose any domain below .${suffix}; fix the domain, such as {shop}.example.com.`;
  }
  // The URL parser has the last word: it knows which xn-- labels and number-like names are none.
  const filled = labels.map((label) => ("literal" in label ? label.literal : "x")).join(".");
  const parsed = URL.canParse(`https://${filled}`) ? new URL(`https://${filled}`).host : undefined;
  return parsed === filled ? undefined : "is not a host that a URL can have.";
}

/** Also the spellings that only a URL parser takes for an address: 0x7f.1, 2130706433, [::1]. */
function isAddress(host: string): boolean {
  if (isIP(host) !== 0 || /^\[.*\](?::\d+)?$/.test(host)) return true;
  const url = `https://${host}`;
  return !host.includes("{") && URL.canParse(url) && isIP(new URL(url).hostname) !== 0;
}

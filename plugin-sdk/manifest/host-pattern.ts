/** A host as a manifest writes it, taken apart: `{shop}.myshopify.com` or `api.example.com:8443`. */
export interface HostPattern {
  /** From left to right; a placeholder is a whole label. */
  labels: ({ literal: string } | { placeholder: string })[];
  port: number | undefined;
}

const literalLabel = /^[a-z0-9](?:[a-z0-9-]{0,61}[a-z0-9])?$/;
const placeholderLabel = /^\{([A-Za-z][A-Za-z0-9_]{0,39})\}$/;

/** Takes a host pattern apart; undefined if it is not one. Says nothing on whether it is a wise one. */
export function parseHostPattern(text: string): HostPattern | undefined {
  const [, host, portText] = /^([^:]*)(?::([1-9]\d{0,4}))?$/.exec(text) ?? [];
  if (!host || host.length > 253) return undefined;
  const port = portText === undefined ? undefined : Number(portText);
  if (port !== undefined && port > 65_535) return undefined;
  const labels: HostPattern["labels"] = [];
  for (const label of host.split(".")) {
    const placeholder = placeholderLabel.exec(label)?.[1];
    if (placeholder !== undefined) labels.push({ placeholder });
    else if (literalLabel.test(label)) labels.push({ literal: label });
    else return undefined;
  }
  return { labels, port };
}

/**
 * The host (`name` or `name:port`, as `URL.host` writes it) that a pattern stands for under a connection's config;
 * undefined if a value is missing or is not exactly one DNS label. So a value never moves the host elsewhere.
 */
export function fillHostPattern(
  text: string,
  config: { readonly [field: string]: unknown },
): string | undefined {
  if (!text.includes("{")) return text;
  const pattern = parseHostPattern(text);
  if (!pattern) return undefined;
  const labels: string[] = [];
  for (const label of pattern.labels) {
    const filled = "literal" in label ? label.literal : labelFrom(config, label.placeholder);
    if (filled === undefined) return undefined;
    labels.push(filled);
  }
  return `${labels.join(".")}${pattern.port === undefined ? "" : `:${pattern.port}`}`;
}

function labelFrom(config: { readonly [field: string]: unknown }, field: string): string | undefined {
  const value = Object.hasOwn(config, field) ? config[field] : undefined;
  if (typeof value === "number") return Number.isSafeInteger(value) && value >= 0 ? String(value) : undefined;
  if (typeof value !== "string") return undefined;
  // toLowerCase() maps some non-ASCII letters to ASCII (the Kelvin sign to k): look before it, too.
  if (!/^[A-Za-z0-9-]+$/.test(value)) return undefined;
  const label = value.toLowerCase();
  return literalLabel.test(label) ? label : undefined;
}

import { fillHostPattern } from "./host-pattern.ts";

/** A URL of the manifest, taken apart at the end of its host. */
const urlTemplate = /^https:\/\/([^/?#@\\]+)([/?#].*)?$/;

const placeholder = /\{([A-Za-z][A-Za-z0-9_]{0,39})\}/g;

/** One segment of a path, or a part of one, that every server reads as it is written. */
const pathText = /^[A-Za-z0-9](?:[A-Za-z0-9_~-]|\.(?!\.))*$/;

type Settings = { readonly [field: string]: unknown };

/**
 * The URL that a template such as `https://{shop}.example.com/{site}/token` stands for under a connection's config;
 * undefined if a value is missing, or would change more than its own label or segment.
 */
export function fillUrlTemplate(text: string, config: Settings): URL | undefined {
  const [, host = "", rest = ""] = urlTemplate.exec(text) ?? [];
  const filledHost = fillHostPattern(host, config);
  const filledRest = fill(rest, config, (value) => pathText.test(value));
  if (!filledHost || filledRest === undefined) return undefined;
  return URL.parse(`https://${filledHost}${filledRest}`) ?? undefined;
}

/** A text with `{placeholders}` under a connection's config; undefined if a value is missing. */
export function fillTextTemplate(text: string, config: Settings): string | undefined {
  return fill(text, config, () => true);
}

/** The settings that a template's placeholders name. */
export function placeholdersIn(text: string): string[] {
  return [...text.matchAll(placeholder)].map(([, name]) => name ?? "");
}

/** The host of a template, as it is written there; undefined if it is no https URL. */
export function hostOfUrlTemplate(text: string): string | undefined {
  return urlTemplate.exec(text)?.[1];
}

function fill(text: string, config: Settings, isAllowed: (value: string) => boolean): string | undefined {
  let isWhole = true;
  const filled = text.replace(placeholder, (_, name: string) => {
    const value = Object.hasOwn(config, name) ? config[name] : undefined;
    const written = typeof value === "number" ? String(value) : value;
    if (typeof written === "string" && written !== "" && isAllowed(written)) return written;
    isWhole = false;
    return "";
  });
  return isWhole ? filled : undefined;
}

import { Type } from "typebox";

/** Patterns of what comes in from outside, each the same wherever it is taken. */
export const publisherName = Type.String({
  pattern: "^[a-z][a-z0-9-]{1,38}$",
  description: "Lower-case letters, digits and dashes; 2 to 39 characters.",
});

export const pluginName = Type.String({ pattern: "^[a-z][a-z0-9-]{0,63}$" });

export const pluginId = Type.String({
  pattern: "^[a-z][a-z0-9-]{1,38}/[a-z][a-z0-9-]{0,63}$",
  description: "`publisher/name`",
});

/** What semver itself reads at most. */
const longestRange = 256;

/** An exact version; what is no version at all is simply not found. */
export const exactVersion = Type.String({ minLength: 1, maxLength: longestRange });

export const versionRange = Type.String({
  minLength: 1,
  maxLength: longestRange,
  description:
    "A semver range; the highest version that satisfies it is taken, a prerelease only where it names one.",
});

/** The core knows who it is; here it is any text that is safe in a path. */
export const tenantId = Type.String({ pattern: "^[A-Za-z0-9][A-Za-z0-9._:-]{0,127}$" });

export const sha512 = Type.String({ pattern: "^[0-9a-f]{128}$", description: "SHA-512, lowercase hex." });

export const consentDigest = Type.String({
  pattern: "^[0-9a-f]{64}$",
  description: "SHA-256 over the canonical JSON (RFC 8785) of `{ id, permissions }`, lowercase hex.",
});

export const timestamp = Type.String({ format: "date-time" });

import { compileContributedSchema, type Manifest } from "@plugboard/plugin-sdk/manifest";

/** What does not fit, and where (RFC 6901 pointer into the connection). */
interface Misfit {
  pointer: string;
  message: string;
}

/** Without a schema a plugin takes no settings. */
const noSettings = { type: "object", properties: {}, additionalProperties: false };

/** The ways to authenticate that a plugin takes. */
export function supportedAuth(manifest: Manifest): string[] {
  return (manifest.auth ?? []).map((declaration) => declaration.type);
}

export function isAuthSupported(manifest: Manifest, type: string): boolean {
  return supportedAuth(manifest).includes(type);
}

/** Where settings do not fit what the plugin's schema asks for; pointers begin with `/config`. */
export function configProblems(manifest: Manifest, config: Record<string, unknown>): Misfit[] {
  const check = compileContributedSchema(manifest.connection?.config ?? noSettings);
  return check(config).map(({ pointer, message }) => ({ pointer: `/config${pointer}`, message }));
}

/** Everything about a connection that a version of a plugin does not take. */
export function connectionProblems(
  manifest: Manifest,
  { config, authType }: { config: Record<string, unknown>; authType: string },
): Misfit[] {
  const problems = configProblems(manifest, config);
  if (isAuthSupported(manifest, authType)) return problems;
  const supported = supportedAuth(manifest).join(" or ") || "no credential at all";
  const message = `This version takes ${supported}, not "${authType}".`;
  return [...problems, { pointer: "/auth/type", message }];
}

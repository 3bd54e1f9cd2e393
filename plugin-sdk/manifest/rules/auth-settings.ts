import { pointerTo } from "../pointer.ts";
import type { AuthDeclaration, JsonSchema, Problem } from "../types.ts";
import { placeholdersIn } from "../url-template.ts";

/** What an auth declaration says of the connection's settings: they must be there. */
export function authSettingsProblems(
  auth: AuthDeclaration,
  config: JsonSchema | undefined,
  index: number,
): Problem[] {
  const properties = isObject(config?.properties) ? config.properties : {};
  const required = Array.isArray(config?.required) ? config.required : [];
  const told = auth.type === "oauth2" ? Object.keys(auth.tokenResponse?.config ?? {}) : [];
  const problems: Problem[] = [];
  for (const name of new Set(templatesOf(auth).flatMap(placeholdersIn))) {
    if (Object.hasOwn(properties, name) && (required.includes(name) || told.includes(name))) continue;
    problems.push({
      code: "auth-setting-invalid",
      pointer: pointerTo("auth", index),
      message: `{${name}} is no required setting; declare it in connection.config.properties and list it in connection.config.required.`,
    });
  }
  for (const name of told) {
    if (Object.hasOwn(properties, name)) continue;
    problems.push({
      code: "auth-setting-invalid",
      pointer: pointerTo("auth", index, "tokenResponse", "config", name),
      message: `${name} is no setting; declare it in connection.config.properties.`,
    });
  }
  return problems;
}

/** The texts that the connection's config fills. */
function templatesOf(auth: AuthDeclaration): string[] {
  const test = auth.test ? [auth.test.request] : [];
  if (auth.type !== "oauth2") return test;
  return [
    ...test,
    ...[auth.authorizationUrl, auth.tokenUrl, auth.revocationUrl, auth.assertion?.audience].filter(
      (text) => text !== undefined,
    ),
    ...[auth.authorizationParams, auth.tokenParams, auth.callbackParams].flatMap((parameters) =>
      Object.values(parameters ?? {}),
    ),
  ];
}

function isObject(value: unknown): value is { [key: string]: unknown } {
  return typeof value === "object" && value !== null && !Array.isArray(value);
}

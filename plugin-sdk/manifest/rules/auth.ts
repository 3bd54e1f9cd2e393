import { parseHostPattern } from "../host-pattern.ts";
import { matchesPath } from "../path-pattern.ts";
import { pointerTo } from "../pointer.ts";
import type { ApiKeyAuth, AuthDeclaration, NetworkPermission, Problem } from "../types.ts";
import { fillUrlTemplate, hostOfUrlTemplate, placeholdersIn } from "../url-template.ts";
import { canBeAuthHeader, isToken } from "./auth-header.ts";
import { authSettingsProblems } from "./auth-settings.ts";
import { checkOAuth2 } from "./oauth2.ts";
import { defineRule } from "./rule.ts";

/** What the host does with a credential must stay within what the tenant consented to. */
export const authRule = defineRule({
  needs: ["auth", "permissions", "connection"],
  check({ auth = [], permissions, connection }) {
    const network = (permissions.network ?? []).filter(({ credential }) => credential !== false);
    return auth.flatMap((declaration, index) => [
      ...checkTest(declaration, network, index),
      ...(declaration.type === "apiKey" ? checkApiKey(declaration, index) : []),
      ...(declaration.type === "oauth2"
        ? checkOAuth2(declaration, index, { isGranted: (url, method) => isGranted(url, method, network) })
        : []),
      ...authSettingsProblems(declaration, connection?.config, index),
      ...checkUnique(auth, index),
    ]);
  },
});

function checkApiKey(auth: ApiKeyAuth, index: number): Problem[] {
  const problems: Problem[] = [];
  if (!canCarryKey(auth)) {
    const kind = auth.in === "header" ? "header that the HTTP client does not set itself" : "query parameter";
    problems.push({
      code: "auth-name-invalid",
      pointer: pointerTo("auth", index, "name"),
      message: `${JSON.stringify(auth.name)} cannot carry a key; expected the name of a ${kind}.`,
    });
  }
  if (auth.format !== undefined && !isFormat(auth.format)) {
    problems.push({
      code: "auth-format-invalid",
      pointer: pointerTo("auth", index, "format"),
      message: `format is ${JSON.stringify(auth.format)}; expected printable ASCII with {key} in it once, such as "Bearer {key}".`,
    });
  }
  return problems;
}

function canCarryKey({ in: place, name }: Pick<ApiKeyAuth, "in" | "name">): boolean {
  // A token (RFC 9110, section 5.6.2); more than that has no use in a query either.
  return place === "query" ? isToken(name) : canBeAuthHeader(name);
}

/** A connection picks one by its type, and its grant: two of the same could not be told apart. */
function checkUnique(auth: AuthDeclaration[], index: number): Problem[] {
  const name = ({ type, ...rest }: AuthDeclaration) =>
    "grant" in rest ? `${type} with ${rest.grant}` : type;
  const own = auth[index];
  const first = auth.findIndex((other) => own && name(other) === name(own));
  if (!own || first === index) return [];
  return [
    {
      code: "auth-duplicate",
      pointer: pointerTo("auth", index),
      message: `auth has two entries of ${name(own)}; a connection could not say which one it means.`,
    },
  ];
}

function isFormat(format: string): boolean {
  return /^[\x20-\x7e]+$/.test(format) && /^[^{}]*\{key\}[^{}]*$/.test(format);
}

function checkTest(auth: AuthDeclaration, network: NetworkPermission[], index: number): Problem[] {
  if (!auth.test) return [];
  const [, method = "", url = ""] = /^([A-Z]+) (\S+)$/.exec(auth.test.request) ?? [];
  if (isGranted(url, method, network)) return [];
  return [
    {
      code: "auth-test-invalid",
      pointer: pointerTo("auth", index, "test", "request"),
      message: `${JSON.stringify(auth.test.request)} is not a request within permissions.network that gets the credential; expected a method and an https URL that are declared there.`,
    },
  ];
}

/** Whether a URL of the manifest, which may have placeholders, is within the network permissions. */
function isGranted(text: string, method: string | undefined, network: NetworkPermission[]): boolean {
  const host = hostOfUrlTemplate(text);
  if (host === undefined || !parseHostPattern(host)) return false;
  const config = Object.fromEntries(placeholdersIn(text).map((name) => [name, "x"]));
  const filled = fillUrlTemplate(text, config);
  if (!filled) return false;
  return network.some(
    (permission) =>
      permission.hosts.includes(host) &&
      (method === undefined || permission.methods.some((allowed) => allowed === method)) &&
      (method === undefined ||
        (permission.paths?.some((path) => matchesPath(path, filled.pathname)) ?? true)),
  );
}

import { fillHostPattern, parseHostPattern } from "../host-pattern.ts";
import { matchesPath } from "../path-pattern.ts";
import { pointerTo } from "../pointer.ts";
import type { ApiKeyAuth, AuthDeclaration, NetworkPermission, OAuth2Auth, Problem } from "../types.ts";
import { defineRule } from "./rule.ts";

/** Headers that the HTTP client owns: setting them splits, redirects or breaks requests (RFC 9110, RFC 9112). */
const forbiddenHeaders = new Set([
  "host",
  "content-length",
  "transfer-encoding",
  "connection",
  "keep-alive",
  "te",
  "trailer",
  "upgrade",
  "expect",
  "date",
  "via",
  "accept-encoding",
  "content-encoding",
  "content-type",
  "set-cookie",
  "origin",
  "referer",
]);
const forbiddenHeaderPrefix = /^(?:proxy-|sec-|x-forwarded-)/;

/** What the host does with a credential must stay within what the tenant consented to. */
export const authRule = defineRule({
  needs: ["auth", "permissions"],
  check({ auth = [], permissions }) {
    const network = (permissions.network ?? []).filter(({ credential }) => credential !== false);
    return auth.flatMap((declaration, index) => [
      ...checkTest(declaration, network, index),
      ...(declaration.type === "apiKey" ? checkApiKey(declaration, index) : []),
      ...(declaration.type === "oauth2" ? checkOAuth2(declaration, network, index) : []),
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

function canCarryKey(auth: ApiKeyAuth): boolean {
  const name = auth.name.toLowerCase();
  // A token (RFC 9110, section 5.6.2); more than that has no use in a query either.
  if (!/^[!#$%&'*+.^_`|~0-9a-z-]+$/.test(name)) return false;
  return auth.in === "query" || !(forbiddenHeaders.has(name) || forbiddenHeaderPrefix.test(name));
}

function isFormat(format: string): boolean {
  return /^[\x20-\x7e]+$/.test(format) && /^[^{}]*\{key\}[^{}]*$/.test(format);
}

function checkOAuth2(auth: OAuth2Auth, network: NetworkPermission[], index: number): Problem[] {
  const problems: Problem[] = [];
  const needsAuthorization = auth.grant === "authorization_code";
  if (needsAuthorization !== (auth.authorizationUrl !== undefined)) {
    problems.push({
      code: "auth-url-invalid",
      pointer: pointerTo("auth", index, "authorizationUrl"),
      message: needsAuthorization
        ? "authorizationUrl is missing; the grant authorization_code sends a person there."
        : `authorizationUrl has no use with the grant ${auth.grant}; remove it.`,
    });
  }
  for (const field of ["authorizationUrl", "tokenUrl"] as const) {
    const url = auth[field];
    if (url === undefined || isGranted(url, field === "tokenUrl" ? "POST" : undefined, network)) continue;
    problems.push({
      code: "auth-url-invalid",
      pointer: pointerTo("auth", index, field),
      message: `${field} ${JSON.stringify(url)} is not within permissions.network, as far as it gets the credential; declare its host${field === "tokenUrl" ? " with the method POST" : ""}, so that the tenant consents to it.`,
    });
  }
  return problems;
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

/** Whether a URL of the manifest, which may have placeholders in its host, is within the network permissions. */
function isGranted(text: string, method: string | undefined, network: NetworkPermission[]): boolean {
  const [, host = "", rest = ""] = /^https:\/\/([^/?#@\\]+)([/?#].*)?$/.exec(text) ?? [];
  const pattern = parseHostPattern(host);
  if (!pattern) return false;
  const config = Object.fromEntries(
    pattern.labels.flatMap((label) => ("placeholder" in label ? [[label.placeholder, "x"]] : [])),
  );
  const filled = `https://${fillHostPattern(host, config)}${rest}`;
  if (!URL.canParse(filled)) return false;
  const { pathname } = new URL(filled);
  return network.some(
    (permission) =>
      permission.hosts.includes(host) &&
      (method === undefined || permission.methods.some((allowed) => allowed === method)) &&
      (method === undefined || (permission.paths?.some((path) => matchesPath(path, pathname)) ?? true)),
  );
}

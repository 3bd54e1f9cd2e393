import { pointerTo } from "../pointer.ts";
import type { OAuth2Auth, Problem } from "../types.ts";
import { canBeAuthHeader } from "./auth-header.ts";

/** Parameters that the host sets, and checks: a manifest that set them could undo what they protect from. */
const ownParameters = [
  "client_id",
  "client_secret",
  "client_assertion",
  "client_assertion_type",
  "code",
  "code_challenge",
  "code_challenge_method",
  "code_verifier",
  "grant_type",
  "nonce",
  "redirect_uri",
  "refresh_token",
  "request",
  "request_uri",
  "response_mode",
  "response_type",
  "scope",
  "state",
];

interface Permissions {
  /** Without a method: as far as the host is concerned. */
  isGranted(url: string, method: string | undefined): boolean;
}

/** What an OAuth 2 declaration must be for the host to perform it, within what the tenant consents to. */
export function checkOAuth2(auth: OAuth2Auth, index: number, permissions: Permissions): Problem[] {
  const at = (...path: string[]) => pointerTo("auth", index, ...path);
  return [
    ...checkUrls(auth, permissions, at),
    ...checkParameters(auth, at),
    ...checkIssuer(auth, at),
    ...checkAccessToken(auth, at),
    ...checkAssertion(auth, at),
    ...checkMatches(auth, at),
  ];
}

type At = (...path: string[]) => string;

function checkUrls(auth: OAuth2Auth, { isGranted }: Permissions, at: At): Problem[] {
  const problems: Problem[] = [];
  const needsAuthorization = auth.grant === "authorization_code";
  if (needsAuthorization !== (auth.authorizationUrl !== undefined)) {
    problems.push({
      code: "auth-url-invalid",
      pointer: at("authorizationUrl"),
      message: needsAuthorization
        ? "authorizationUrl is missing; the grant authorization_code sends a person there."
        : `authorizationUrl has no use with the grant ${auth.grant}; remove it.`,
    });
  }
  for (const field of ["authorizationUrl", "tokenUrl", "revocationUrl"] as const) {
    const url = auth[field];
    const isPosted = field !== "authorizationUrl";
    if (url === undefined || isGranted(url, isPosted ? "POST" : undefined)) continue;
    problems.push({
      code: "auth-url-invalid",
      pointer: at(field),
      message: `${field} ${JSON.stringify(url)} is not within permissions.network, as far as it gets the credential; declare its host${isPosted ? " with the method POST" : ""}, so that the tenant consents to it.`,
    });
  }
  return problems;
}

function checkParameters(auth: OAuth2Auth, at: At): Problem[] {
  return (["authorizationParams", "tokenParams", "callbackParams"] as const).flatMap((field) =>
    Object.keys(auth[field] ?? {})
      .filter((name) => ownParameters.includes(name.toLowerCase()))
      .map((name) => ({
        code: "auth-parameter-invalid",
        pointer: at(field, name),
        message: `${JSON.stringify(name)} is the host's to set and to check; remove it.`,
      })),
  );
}

function checkIssuer(auth: OAuth2Auth, at: At): Problem[] {
  const problems: Problem[] = [];
  for (const field of ["requireIss", "openid"] as const) {
    if (auth[field] !== true || auth.issuer !== undefined) continue;
    problems.push({
      code: "auth-issuer-missing",
      pointer: at(field),
      message: `${field} needs issuer, which the answer is held against.`,
    });
  }
  if (auth.openid && (auth.grant !== "authorization_code" || !auth.scopes?.includes("openid"))) {
    problems.push({
      code: "auth-issuer-missing",
      pointer: at("openid"),
      message: "openid needs the grant authorization_code and the scope openid.",
    });
  }
  return problems;
}

function checkAccessToken({ accessToken }: OAuth2Auth, at: At): Problem[] {
  if (!accessToken) return [];
  const problems: Problem[] = [];
  if (!canBeAuthHeader(accessToken.name)) {
    problems.push({
      code: "auth-name-invalid",
      pointer: at("accessToken", "name"),
      message: `${JSON.stringify(accessToken.name)} cannot carry a token; expected the name of a header that the HTTP client does not set itself.`,
    });
  }
  const { format } = accessToken;
  if (format !== undefined && !/^(?=[\x20-\x7e]+$)[^{}]*\{token\}[^{}]*$/.test(format)) {
    problems.push({
      code: "auth-format-invalid",
      pointer: at("accessToken", "format"),
      message: `format is ${JSON.stringify(format)}; expected printable ASCII with {token} in it once, such as "Bearer {token}".`,
    });
  }
  return problems;
}

function checkAssertion(auth: OAuth2Auth, at: At): Problem[] {
  const isNeeded = auth.grant === "jwt_bearer";
  if (isNeeded === (auth.assertion !== undefined)) return [];
  return [
    {
      code: "auth-assertion-invalid",
      pointer: at("assertion"),
      message: isNeeded
        ? 'assertion is missing; the grant jwt_bearer signs one, for an audience such as { "audience": "https://login.example.com" }.'
        : `assertion has no use with the grant ${auth.grant}; remove it.`,
    },
  ];
}

function checkMatches(auth: OAuth2Auth, at: At): Problem[] {
  return Object.entries(auth.tokenResponse?.config ?? {}).flatMap(([setting, { match = [] }]) =>
    match
      .filter((text) => text.split("{value}").length !== 2)
      .map((text) => ({
        code: "auth-setting-invalid",
        pointer: at("tokenResponse", "config", setting, "match"),
        message: `${JSON.stringify(text)} must have {value} in it once.`,
      })),
  );
}

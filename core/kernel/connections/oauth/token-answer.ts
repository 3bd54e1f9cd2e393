import type { OAuth2Auth } from "@plugboard/plugin-sdk/manifest";
import type { TokenSet } from "../../credentials/index.ts";
import { TokenFailure } from "./failure.ts";

/** Token types that are bound to a key, which the host would have to prove that it has. */
const boundTypes = ["dpop", "mac", "pop"];

/** What a vendor says beyond it is no date that could be kept. */
const maxLifetimeSeconds = 10 * 365 * 86_400;

/**
 * A token endpoint's answer as RFC 6749, section 5.1, has it. Vendors leave out the type, write numbers as text, scopes as a
 * list, the whole as a form, and errors with status 200.
 *
 * @throws TokenFailure `unanswered` if it is nothing that was meant as an answer
 */
export async function plainAnswer(response: Response, auth: OAuth2Auth): Promise<Response> {
  if (response.status >= 500 || response.status === 429 || response.status === 408) {
    throw unanswered(`The vendor answered a request for tokens with status ${response.status}.`);
  }
  const answer = parse(await response.text());
  if (!answer) throw unanswered("The vendor answered a request for tokens with something that is no answer.");
  const isError = typeof answer.error === "string" && answer.access_token === undefined;
  const status = isError && response.status < 400 ? 400 : response.status;
  return Response.json(isError ? answer : { ...plainTokens(answer, auth) }, { status });
}

function parse(text: string): Record<string, unknown> | undefined {
  try {
    const value: unknown = JSON.parse(text);
    return isObject(value) ? value : undefined;
  } catch {
    const form = Object.fromEntries(new URLSearchParams(text));
    return "access_token" in form || "error" in form ? form : undefined;
  }
}

function plainTokens(answer: Record<string, unknown>, auth: OAuth2Auth): Record<string, unknown> {
  const { id_token, refresh_token, expires_in, scope, token_type, ...rest } = answer;
  const type = typeof token_type === "string" ? token_type.toLowerCase() : "bearer";
  const seconds = Number(expires_in);
  return {
    ...rest,
    // How it is sent is for the plugin to declare; what vendors call it differs.
    token_type: boundTypes.includes(type) ? type : "bearer",
    ...(Number.isFinite(seconds) && seconds > 0 && { expires_in: seconds }),
    ...(typeof refresh_token === "string" && refresh_token !== "" && { refresh_token }),
    ...(typeof scope === "string" && { scope }),
    // Without `openid` nobody reads it, and many could not be checked.
    ...(auth.openid && id_token !== undefined && { id_token }),
  };
}

/** What is kept of a checked answer. */
export function tokensOf(
  answer: Record<string, unknown> & {
    access_token: string;
    expires_in?: number | undefined;
    refresh_token?: string;
  },
  auth: OAuth2Auth,
  now: number,
): TokenSet {
  const lifetime = answer.expires_in ?? auth.tokenResponse?.lifetimeSeconds;
  const endOf = (seconds: number) => now + Math.min(seconds, maxLifetimeSeconds) * 1000;
  const refreshLifetime = Number(answer.refresh_token_expires_in);
  return {
    accessToken: answer.access_token,
    obtainedAt: now,
    ...(lifetime !== undefined && { expiresAt: endOf(lifetime) }),
    ...(answer.refresh_token !== undefined && { refreshToken: answer.refresh_token }),
    ...(refreshLifetime > 0 &&
      Number.isFinite(refreshLifetime) && { refreshExpiresAt: endOf(refreshLifetime) }),
  };
}

/**
 * The connection's settings that the answer tells.
 * @throws TokenFailure `client-refused` if a field has not the declared form
 */
export function settingsOf(answer: Record<string, unknown>, auth: OAuth2Auth): Record<string, unknown> {
  const told = Object.entries(auth.tokenResponse?.config ?? {});
  const settings = told.flatMap(([setting, { from, match }]): [string, unknown][] => {
    const field: unknown = Object.hasOwn(answer, from) ? answer[from] : undefined;
    if (field === undefined || field === null) return [];
    const value = match ? firstMatch(match, field) : field;
    if (isStorable(value)) return [[setting, value]];
    throw new TokenFailure(
      "client-refused",
      "settings_refused",
      `The vendor's ${from} is not of the form that the plugin declares for ${setting}.`,
    );
  });
  return Object.fromEntries(settings);
}

/** JSON can write more than PostgreSQL keeps: NUL, and halves of letters. */
function isStorable(value: unknown): boolean {
  if (typeof value === "string") return value.isWellFormed() && !value.includes("\0");
  return typeof value === "boolean" || Number.isFinite(value);
}

function firstMatch(templates: string[], field: unknown): string | undefined {
  if (typeof field !== "string") return undefined;
  for (const template of templates) {
    const [before = "", after = ""] = template.split("{value}");
    const value: string = field.slice(before.length, field.length - after.length);
    if (value !== "" && field === `${before}${value}${after}`) return value;
  }
  return undefined;
}

function isObject(value: unknown): value is Record<string, unknown> {
  return typeof value === "object" && value !== null && !Array.isArray(value);
}

function unanswered(message: string): TokenFailure {
  return new TokenFailure("unanswered", "no_answer", message);
}

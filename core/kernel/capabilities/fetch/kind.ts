import { createHash } from "node:crypto";
import { isGraphql } from "@plugboard/plugin-sdk/exchange";
import type { PluginRequest } from "./types.ts";

/** A larger one is not read: it is parsed on the thread that serves everybody. */
const largestBody = 256 * 1024;

/**
 * Tells requests apart of which a vendor may ask different prices. At a GraphQL endpoint they are alike if they run the same
 * document for as much: with variables of the same form, and the same whole numbers in them, which say how many records are
 * asked for. Anywhere else, if method and path are the same.
 */
export function kindOf(request: PluginRequest, graphqlPaths: readonly string[]): string {
  const { method, url, body } = request;
  const operation =
    isGraphql(request, graphqlPaths) && body && body.byteLength <= largestBody
      ? operationIn(body)
      : undefined;
  return createHash("sha256")
    .update(operation ?? `${method} ${url.origin}${url.pathname}`)
    .digest("base64url");
}

function operationIn(body: Uint8Array): string | undefined {
  try {
    const parsed: unknown = JSON.parse(Buffer.from(body).toString());
    if (typeof parsed !== "object" || parsed === null) return undefined;
    const { variables, ...document } = parsed as { variables?: unknown };
    return JSON.stringify([document, JSON.stringify(variables, formOf) ?? null]);
  } catch {
    return undefined;
  }
}

/** A cursor is null on the first page, and a text on the others, at the same price. */
function formOf(_name: string, value: unknown): unknown {
  return typeof value === "object" || typeof value === "boolean" || Number.isInteger(value)
    ? (value ?? 0)
    : 0;
}

import { type FormValue, readJson, sendRequest, withQuery } from "@plugboard/plugin-sdk";
import { salesforceError } from "./errors.ts";
import { orgUrl } from "./org-url.ts";

/** Pinned; a version is supported for at least three years. Also in plugin.json. */
export const apiVersion = "66.0";

/** The part of a call's context that a request needs. The host adds the access token on the way out. */
export interface OrgContext {
  fetch: typeof fetch;
  signal: AbortSignal;
  connection: { readonly config: { readonly [setting: string]: unknown } };
}

export interface OrgRequest {
  method?: "GET" | "POST" | "PATCH" | "PUT" | "DELETE";
  query?: { readonly [name: string]: FormValue };
  json?: unknown;
  csv?: string;
  /** Sent again, it does nothing that it had not done: the host may repeat it where a reply was lost. */
  isRepeatable?: boolean;
  accept?: string;
}

/** Requests to the org's REST API, by paths below `/services/data/v…`. All throw a PluginError where Salesforce refuses. */
export interface Org {
  /** The reply, its body unread. */
  send(path: string, request?: OrgRequest): Promise<Response>;
  /** The reply's JSON; null where it has no body. */
  ask<Reply>(path: string, request?: OrgRequest): Promise<Reply>;
}

export function openOrg({ fetch, signal, connection }: OrgContext): Org {
  const base = `${orgUrl(connection.config)}/services/data/v${apiVersion}`;
  const send: Org["send"] = (
    path,
    { method = "GET", query = {}, json, csv, isRepeatable = false, accept = "application/json" } = {},
  ) =>
    sendRequest(fetch, withQuery(base + path, query), {
      method,
      json,
      ...(csv !== undefined && { body: csv }),
      headers: {
        Accept: accept,
        ...(csv !== undefined && { "Content-Type": "text/csv" }),
        // What plugin.json declares as the sign of a write that may be repeated. Salesforce does not read it.
        ...(isRepeatable && { "X-Same-Effect": "yes" }),
      },
      signal,
      error: salesforceError,
    });
  return { send, ask: async (path, request) => readJson(await send(path, request)) };
}

/** A segment of a path. */
export const segment = encodeURIComponent;

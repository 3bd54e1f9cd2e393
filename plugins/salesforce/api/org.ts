import {
  type FileInfo,
  type FileRequestInit,
  type Files,
  type FormValue,
  type NewFile,
  readJson,
  sendRequest,
  VendorError,
  vendorError,
  withQuery,
} from "@plugboard/plugin-sdk";
import { salesforceError } from "./errors.ts";
import { orgUrl } from "./org-url.ts";

/** Pinned; a version is supported for at least three years. Also in plugin.json. */
export const apiVersion = "66.0";

/** The part of a call's context that a request needs. The host adds the access token on the way out. */
export interface OrgContext {
  fetch: typeof fetch;
  signal: AbortSignal;
  connection: { readonly config: { readonly [setting: string]: unknown } };
  files: Files;
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
  /** Sends a file of CSV. */
  upload(path: string, file: string): Promise<void>;
  /** Gets a reply of CSV into a new file. */
  download(
    path: string,
    into: NewFile & { query?: OrgRequest["query"] },
  ): Promise<{ file: FileInfo; headers: { [name: string]: string } }>;
}

export function openOrg({ fetch, signal, connection, files }: OrgContext): Org {
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
  const transfer = async (
    path: string,
    { query = {}, ...request }: FileRequestInit & Pick<OrgRequest, "query">,
  ) => {
    const reply = await files.fetch(withQuery(base + path, query), request);
    if (reply.status < 400) return reply;
    throw await vendorError(new Response(reply.text, reply), salesforceError);
  };
  return {
    send,
    ask: async (path, request) => readJson(await send(path, request)),
    async upload(path, file) {
      await transfer(path, { method: "PUT", headers: { "Content-Type": "text/csv" }, body: { file } });
    },
    async download(path, { query = {}, ...into }) {
      const { file, headers } = await transfer(path, { headers: { Accept: "text/csv" }, into, query });
      if (file) return { file, headers };
      throw new VendorError("Salesforce answered without a file.");
    },
  };
}

/** A segment of a path. */
export const segment = encodeURIComponent;

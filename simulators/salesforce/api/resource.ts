import { notFound, SalesforceError } from "../errors.ts";
import type { Org } from "../orgs.ts";

/** A request below `/services/data/v…`, over HTTP or within a composite one. */
export interface Call {
  org: Org;
  userId: string;
  /** `/services/data/v66.0` */
  base: string;
  method: string;
  /** Below the base: `/sobjects/Account`. */
  path: string;
  query: URLSearchParams;
  body: string;
  header(name: string): string;
}

export interface Answer {
  status: number;
  /** Left out: no content. Text is sent as CSV. */
  body?: unknown;
  headers?: { [name: string]: string };
}

export interface Resource {
  method: string;
  /** Of the path; what it captures is handed to `run`, decoded. */
  path: RegExp;
  run(call: Call, ...segments: string[]): Answer;
}

export const ok = (body: unknown): Answer => ({ status: 200, body });
export const noContent: Answer = { status: 204 };

/** @throws SalesforceError */
export function dispatch(resources: readonly Resource[], call: Call): Answer {
  const there = resources.filter(({ path }) => path.test(call.path));
  const found = there.find(({ method }) => method === call.method);
  if (found) {
    const [, ...segments] = found.path.exec(call.path) ?? [];
    return found.run(call, ...segments.map((segment) => decodeURIComponent(segment ?? "")));
  }
  if (there.length === 0) throw notFound();
  const allowed = there.map(({ method }) => method).join(", ");
  throw new SalesforceError(
    405,
    "METHOD_NOT_ALLOWED",
    `HTTP Method '${call.method}' not allowed. Allowed are ${allowed}`,
  );
}

import type { JWK } from "jose";
import { exitCodeOfStatus } from "../exit-codes.ts";
import { CliFailure, type FailureProblem } from "../failure.ts";

export interface PublisherRecord {
  publisher: string;
  verified: boolean;
  keys: string[];
}

export interface Publication {
  id: string;
  status: "validating" | "scanning" | "published" | "rejected" | "quarantined";
  plugin: string;
  version: string;
  problems?: FailureProblem[];
  /** What the registry found and let pass. */
  notes?: FailureProblem[];
}

export interface SearchPage {
  items: {
    id: string;
    version: string;
    displayName: string;
    description: string;
    verified: boolean;
    publishedAt: string;
  }[];
  nextCursor: string | null;
}

/** The registry's part of the HTTP API that authors use. Every method throws {@link CliFailure} with the registry's own code. */
export interface Registry {
  url: string;
  /** `undefined` when nobody has this name. */
  findPublisher(publisher: string): Promise<PublisherRecord | undefined>;
  /** @param claim JWS that proves possession of the key */
  registerPublisher(o: {
    publisher: string;
    key: JWK;
    claim: string;
  }): Promise<{ publisher: string; kid: string }>;
  /** @param order JWS, signed with a key of the publisher's. @returns its place in the registry's log */
  carryOutOrder(publisher: string, order: string): Promise<{ seq: number }>;
  /** @param statement the publisher's JWS over the tarball */
  publish(o: { statement: string; tarball: Buffer; fileName: string }): Promise<Publication>;
  getPublication(id: string): Promise<Publication>;
  search(o: { text: string; limit: number; cursor?: string | undefined }): Promise<SearchPage>;
}

const answerTimeoutMs = 30_000;
const uploadTimeoutMs = 300_000;

/**
 * @param baseUrl the host's, such as `https://plugboard.example`; a path under it is kept
 * @param accountToken of a member, for publishers that ask for one besides the signature
 */
export function openRegistry(baseUrl: string, accountToken?: string): Registry {
  const root = `${baseUrl.replace(/\/+$/, "").replace(/\/registry\/v1$/, "")}/registry/v1`;
  const authorization: Record<string, string> = accountToken
    ? { Authorization: `Bearer ${accountToken}` }
    : {};

  async function call<T>(path: string, request: RequestInit = {}, timeoutMs = answerTimeoutMs): Promise<T> {
    let response: Response;
    try {
      response = await fetch(root + path, { ...request, signal: AbortSignal.timeout(timeoutMs) });
    } catch (error) {
      throw new CliFailure(
        "registry-unreachable",
        `The registry at ${baseUrl} cannot be reached: ${reasonOf(error)}. Check the address, and that the registry runs.`,
      );
    }
    if (!response.ok) throw await refusal(response, baseUrl);
    return (await response.json()) as T;
  }

  return {
    url: baseUrl,
    async findPublisher(publisher) {
      try {
        return await call<PublisherRecord>(`/publishers/${encodeURIComponent(publisher)}`);
      } catch (error) {
        if (error instanceof CliFailure && error.code === "publisher-not-found") return undefined;
        throw error;
      }
    },
    registerPublisher: (claim) =>
      call("/publishers", {
        method: "POST",
        headers: { "Content-Type": "application/json" },
        body: JSON.stringify(claim),
      }),
    carryOutOrder: (publisher, order) =>
      call(`/publishers/${encodeURIComponent(publisher)}/orders`, {
        method: "POST",
        headers: { "Content-Type": "application/json", ...authorization },
        body: JSON.stringify({ order }),
      }),
    publish({ statement, tarball, fileName }) {
      const form = new FormData();
      form.set("statement", statement);
      form.set("tarball", new Blob([new Uint8Array(tarball)], { type: "application/gzip" }), fileName);
      return call("/plugins", { method: "POST", body: form, headers: authorization }, uploadTimeoutMs);
    },
    getPublication: (id) => call(`/publications/${encodeURIComponent(id)}`),
    search({ text, limit, cursor }) {
      const query = new URLSearchParams({ q: text, limit: String(limit), ...(cursor ? { cursor } : {}) });
      return call(`/-/search?${query}`);
    },
  };
}

/** What the registry refused, by its problem+json (RFC 9457). */
async function refusal(response: Response, baseUrl: string): Promise<CliFailure> {
  const body: unknown = await response.json().catch(() => undefined);
  const problem = typeof body === "object" && body !== null ? (body as Record<string, unknown>) : {};
  const text = (name: string) => (typeof problem[name] === "string" ? problem[name] : undefined);
  const code = text("code") ?? "registry-error";
  // A registry says what it does not have; one that does not know the path, or a web page, is none.
  if (response.status === 404 && (code === "registry-error" || code === "route-not-found"))
    return new CliFailure(
      "registry-not-found",
      `There is no registry at ${baseUrl}. Give the address that the host or registry printed when it started, such as http://127.0.0.1:8080.`,
    );
  return new CliFailure(
    code,
    `The registry refused (${response.status}): ${text("detail") ?? text("title") ?? response.statusText}`,
    {
      problems: Array.isArray(problem.problems) ? problem.problems : [],
      exitCode: exitCodeOfStatus(response.status),
    },
  );
}

function reasonOf(error: unknown): string {
  if (!(error instanceof Error)) return String(error);
  if (error.name === "TimeoutError") return "it did not answer in time";
  return error.cause instanceof Error && error.cause.message ? error.cause.message : error.message;
}

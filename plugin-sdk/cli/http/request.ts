import type { Static, TSchema } from "typebox";
import { Check } from "typebox/value";
import { exitCodeOfStatus } from "../exit-codes.ts";
import { CliFailure, type FailureProblem } from "../failure.ts";

/** Who is asked: a registry, or a Plugboard host. */
export interface Service {
  kind: "registry" | "host";
  /** As whoever runs the command knows it. */
  baseUrl: string;
  /** What every path begins with. */
  root: string;
  /** Sent as `Authorization: Bearer`, with requests that ask for it. */
  token?: string | undefined;
}

export interface ServiceRequest {
  method?: "GET" | "POST" | "PUT" | "PATCH" | "DELETE";
  json?: object;
  form?: FormData;
  /** Send the token, if there is one. */
  signedIn?: boolean;
  /** Of the answer. */
  maxBytes?: number;
  timeoutMs?: number;
}

/** Every method throws {@link CliFailure}: with the service's own code where it refused. */
export interface Client {
  /** Of the service, to be told about. */
  url: string;
  /** What is answered as JSON, held against a schema. */
  ask<Schema extends TSchema>(
    schema: Schema,
    path: string,
    request?: ServiceRequest,
  ): Promise<Static<Schema>>;
  /** The bytes that are answered. */
  send(path: string, request?: ServiceRequest): Promise<Buffer>;
}

/** What went wrong where the service itself did not say it. */
const codes = {
  registry: {
    unreachable: "registry-unreachable",
    absent: "registry-not-found",
    unnamed: "registry-error",
  },
  host: { unreachable: "host-unreachable", absent: "host-not-found", unnamed: "host-error" },
} as const;

const answerTimeoutMs = 30_000;
const answerMaxBytes = 8 * 1024 * 1024;

export function createClient(service: Service): Client {
  const { kind, baseUrl, root, token } = service;

  async function send(path: string, request: ServiceRequest = {}): Promise<Buffer> {
    const { method = "GET", json, form, signedIn, maxBytes = answerMaxBytes, timeoutMs } = request;
    const body = json ? JSON.stringify(json) : form;
    let response: Response;
    let answer: Buffer;
    try {
      response = await fetch(root + path, {
        method,
        headers: {
          Accept: "application/json, application/problem+json, application/gzip",
          ...(json && { "Content-Type": "application/json" }),
          ...(signedIn && token !== undefined && { Authorization: `Bearer ${token}` }),
        },
        ...(body !== undefined && { body }),
        // Whoever answers does so for itself: a redirect would carry a token to where nobody meant it to go.
        redirect: "error",
        signal: AbortSignal.timeout(timeoutMs ?? answerTimeoutMs),
      });
      answer = await readCapped(response, maxBytes);
    } catch (error) {
      throw new CliFailure(
        codes[kind].unreachable,
        `The ${kind} at ${baseUrl} cannot be reached: ${reasonOf(error)}. Check the address, and that it runs.`,
        { cause: error },
      );
    }
    if (response.ok) return answer;
    throw refusal(service, response, answer);
  }

  return {
    url: baseUrl,
    send,
    async ask(schema, path, request) {
      const answer = parse(await send(path, request));
      if (Check(schema, answer)) return answer;
      throw noSuch(service, "What answers there is of another kind, or of another version.");
    },
  };
}

async function readCapped(response: Response, maxBytes: number): Promise<Buffer> {
  const chunks: Uint8Array[] = [];
  let size = 0;
  for await (const chunk of response.body ?? []) {
    size += chunk.length;
    if (size > maxBytes) throw new Error(`its answer is longer than ${maxBytes} bytes`);
    chunks.push(chunk);
  }
  return Buffer.concat(chunks);
}

function parse(answer: Buffer): unknown {
  try {
    return JSON.parse(answer.toString("utf8"));
  } catch {
    return undefined;
  }
}

/** What the service refused, by its problem+json (RFC 9457). */
function refusal(service: Service, response: Response, answer: Buffer): CliFailure {
  const { kind } = service;
  const body = parse(answer);
  const problem = typeof body === "object" && body !== null ? (body as Record<string, unknown>) : {};
  const text = (name: string) => (typeof problem[name] === "string" ? problem[name] : undefined);
  const code = text("code") ?? codes[kind].unnamed;
  // A service says what it does not have; one that does not know the path, or a web page, is none.
  if (response.status === 404 && (code === codes[kind].unnamed || code === "route-not-found"))
    return noSuch(service, addresses[kind]);
  const { code: _, title, status, type, instance, detail, problems, ...details } = problem;
  return new CliFailure(
    code,
    `The ${kind} refused (${response.status}): ${text("detail") ?? text("title") ?? response.statusText}${hint(service, response.status)}`,
    { problems: problemsOf(problems), exitCode: exitCodeOfStatus(response.status), details },
  );
}

const addresses = {
  registry:
    "Give the address that the host or registry printed when it started, such as http://127.0.0.1:8080.",
  host: "Give the address that the host printed when it started, such as http://127.0.0.1:8080.",
};

function hint({ kind, token }: Service, status: number): string {
  if (status !== 401) return "";
  if (kind === "host") return token ? "" : ' Set PLUGBOARD_API_KEY, or run "plugboard login --host <url>".';
  return token
    ? ' The token may have run out or been revoked: "plugboard login" takes another.'
    : ' Run "plugboard login", or set PLUGBOARD_ACCOUNT_TOKEN.';
}

function noSuch({ kind, baseUrl }: Service, advice: string): CliFailure {
  return new CliFailure(codes[kind].absent, `There is no ${kind} at ${baseUrl}. ${advice}`);
}

/** A refusal may name what is wrong; whatever else stands there is not taken for it. */
function problemsOf(problems: unknown): FailureProblem[] {
  if (!Array.isArray(problems)) return [];
  return problems.filter(
    (problem): problem is FailureProblem =>
      typeof problem === "object" && typeof problem?.message === "string",
  );
}

function reasonOf(error: unknown): string {
  if (!(error instanceof Error)) return String(error);
  if (error.name === "TimeoutError") return "it did not answer in time";
  return error.cause instanceof Error && error.cause.message ? error.cause.message : error.message;
}

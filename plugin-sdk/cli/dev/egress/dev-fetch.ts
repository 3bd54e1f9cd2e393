import { type Capability, CapabilityError, type Payload } from "@plugboard/sandbox";
import type { Manifest } from "../../../manifest/index.ts";
import { type Credential, type Injection, injectionFor } from "./credential.ts";
import type { OutgoingRequest, Send } from "./network.ts";
import { findPermit, type Permit } from "./permission.ts";
import type { TracedRequest } from "./trace.ts";

/** What requests of a plugin go through on its author's machine. */
export interface DevEgress {
  send: Send;
  credential: Credential | undefined;
  config: { [field: string]: unknown };
  /** Hears of every request, also of those that were refused. */
  trace(request: TracedRequest): void;
}

const timeoutMs = 30_000;
const maxRedirects = 5;
const redirectStatuses = [301, 302, 303, 307, 308];

/** What crosses from the sandbox for one `fetch`. */
interface PluginRequest {
  method: string;
  url: string;
  headers: [name: string, value: string][];
  body: string | Uint8Array<ArrayBuffer> | null;
  redirect?: "follow" | "manual" | "error";
}

/** The `fetch` of a plugin, in the order of a host's broker: permission, credential, sending, redirects one by one. */
export function createDevFetch(
  { permissions, auth }: Pick<Manifest, "permissions" | "auth">,
  egress: DevEgress,
): Capability {
  const injection = injectionFor(auth, egress.credential);

  async function exchange(request: PluginRequest, signal: AbortSignal): Promise<Payload> {
    let { method, body } = request;
    let url = checkUrl(request.url);
    let authenticated = true;
    for (let taken = 0; ; taken++) {
      const response = await hop({ method, url, headers: request.headers, body }, authenticated, signal);
      const location = redirectStatuses.includes(response.status) && response.headers.get("location");
      if (!location || request.redirect === "manual") return toReply(response, url, injection);
      if (request.redirect === "error" || taken >= maxRedirects)
        throw new CapabilityError("fetch-redirect-refused", `${url.host} redirected, once too often.`);
      const next = checkUrl(new URL(location, url).href);
      // Once it has left the vendor's host, it goes on without the credential.
      authenticated &&= next.origin === url.origin;
      url = next;
      if (response.status === 303 || (method === "POST" && response.status < 303))
        [method, body] = [method === "HEAD" ? "HEAD" : "GET", null];
    }
  }

  async function hop(
    request: OutgoingRequest,
    mayAuthenticate: boolean,
    signal: AbortSignal,
  ): Promise<Response> {
    const { method, url } = request;
    const startedAt = performance.now();
    const traced = { method, url: url.href };
    const durationMs = () => Math.round(performance.now() - startedAt);
    let permit: Permit | undefined;
    try {
      permit = findPermit(permissions.network, { method, url }, egress.config);
      if (!permit)
        throw new CapabilityError(
          "fetch-not-granted",
          `No permission of plugin.json covers ${method} ${url.origin}${url.pathname}. Declare it under permissions.network.`,
        );
      permit.authenticated &&= mayAuthenticate && injection.secrets.length > 0;
      const response = await egress.send(withCredential(request, permit.authenticated, injection), signal);
      egress.trace({ ...traced, durationMs: durationMs(), status: response.status, ...permit });
      return response;
    } catch (error) {
      const { code, message } =
        error instanceof CapabilityError ? error : { code: "fetch-failed", message: String(error) };
      egress.trace({ ...traced, durationMs: durationMs(), refused: { code, message }, ...permit });
      throw new CapabilityError(code, message);
    }
  }

  return (payload, { signal }) =>
    exchange(payload as unknown as PluginRequest, AbortSignal.any([signal, AbortSignal.timeout(timeoutMs)]));
}

function checkUrl(text: string): URL {
  const url = URL.parse(text);
  if (url?.protocol !== "https:" || url.username !== "" || url.password !== "")
    throw new CapabilityError("fetch-invalid-request", `"${text}" is not an https: URL without a user name.`);
  url.hash = "";
  return url;
}

/** What the plugin set where the credential goes is dropped, as a host does. */
function withCredential(
  { url, headers, ...request }: OutgoingRequest,
  authenticated: boolean,
  injection: Injection,
): OutgoingRequest {
  const own = new Set(["authorization", ...injection.headers.map(([name]) => name.toLowerCase())]);
  const kept = headers.filter(([name]) => !own.has(name.toLowerCase()));
  if (!authenticated) return { ...request, url, headers: kept };
  const target = new URL(url);
  for (const [name, value] of injection.query) target.searchParams.set(name, value);
  return { ...request, url: target, headers: [...kept, ...injection.headers] };
}

/** The reply as it crosses into the sandbox, without the credential where the vendor echoes it. */
async function toReply(response: Response, url: URL, { secrets }: Injection): Promise<Payload> {
  const clean = (text: string) =>
    secrets.reduce((rest, secret) => rest.replaceAll(secret, "[removed]"), text);
  const body = Buffer.from(await response.arrayBuffer());
  const echoes = secrets.some((secret) => body.includes(secret));
  return {
    status: response.status,
    statusText: clean(response.statusText),
    url: url.href,
    headers: [...response.headers].map(([name, value]): [string, string] => [name, clean(value)]),
    body: new Uint8Array(echoes ? Buffer.from(clean(body.toString("utf8"))) : body),
  };
}

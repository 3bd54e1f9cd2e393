import { type Capability, CapabilityError, type Payload } from "@plugboard/sandbox";
import type { Json } from "../author/index.ts";
import type { TestRequest } from "./test-request.ts";

/** A plugin's `fetch` that notes in `requests` what goes through it. */
export function noteRequests(fetch: Capability, requests: TestRequest[]): Capability {
  return async (payload, context) => {
    const request = readPayload(payload);
    requests.push(request);
    try {
      const reply = await fetch(payload, context);
      request.status = (reply as { status: number }).status;
      return reply;
    } catch (error) {
      request.refused = error instanceof CapabilityError ? error.code : "fetch-failed";
      throw error;
    }
  };
}

/** As far as it is one: what is none is refused further on. */
function readPayload(payload: Payload): TestRequest {
  const { method, url, headers, body } = payload as {
    method?: unknown;
    url?: unknown;
    headers?: [name: string, value: string][];
    body?: string | Uint8Array | null;
  };
  const text = typeof body === "string" ? body : Buffer.from(body ?? []).toString("utf8");
  return {
    method: String(method),
    url: String(url),
    headers: Object.fromEntries((headers ?? []).map(([name, value]) => [name.toLowerCase(), value])),
    body: text,
    json: parsed(text),
  };
}

function parsed(text: string): Json | undefined {
  try {
    return JSON.parse(text);
  } catch {
    return undefined;
  }
}

import type { Payload } from "@plugboard/sandbox";

/** What crosses from the sandbox for one `fetch`. */
interface FetchRequest {
  method: string;
  url: string;
  headers: [name: string, value: string][];
  body: string | Uint8Array<ArrayBuffer> | null;
}

/** The request that a plugin's `fetch` made. */
export function toRequest(payload: Payload, signal: AbortSignal): Request {
  const { method, url, headers, body } = payload as unknown as FetchRequest;
  return new Request(url, { method, headers, body, signal, redirect: "manual" });
}

/** A reply as it crosses back into the sandbox. */
export async function fromFetchReply(response: Response, url: string): Promise<Payload> {
  return {
    status: response.status,
    statusText: response.statusText,
    url: response.url || url,
    headers: [...response.headers] as [string, string][],
    body: new Uint8Array(await response.arrayBuffer()),
  };
}

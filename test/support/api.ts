/** A client of the HTTP API for tests: sends what it is told, and gives status, headers and parsed body. */
export interface TestApi {
  get(path: string): Promise<TestAnswer>;
  post(path: string, body?: unknown): Promise<TestAnswer>;
  patch(path: string, body: unknown): Promise<TestAnswer>;
  delete(path: string): Promise<TestAnswer>;
  /** With any method, headers and raw body. */
  send(
    method: string,
    path: string,
    init?: { headers?: Record<string, string>; body?: string | Buffer; signal?: AbortSignal },
  ): Promise<TestAnswer>;
}

export interface TestAnswer {
  status: number;
  headers: Headers;
  /** Loosely typed on purpose: tests look into answers of every shape. */
  body: Answer;
}

// biome-ignore lint/suspicious/noExplicitAny: an answer has whatever shape the route gives it; the test says which
type Answer = any;

export function createTestApi(address: string, key?: string): TestApi {
  const send: TestApi["send"] = async (method, path, init = {}) => {
    const response = await fetch(`${address}${path}`, {
      method,
      headers: { ...(key !== undefined && { authorization: `Bearer ${key}` }), ...init.headers },
      ...(init.body !== undefined && { body: init.body as string | Uint8Array<ArrayBuffer> }),
      ...(init.signal && { signal: init.signal }),
    });
    const text = await response.text();
    const json = /\bjson\b/.test(response.headers.get("content-type") ?? "");
    return { status: response.status, headers: response.headers, body: json ? JSON.parse(text) : text };
  };
  const sendJson = (method: string, path: string, body?: unknown) =>
    send(method, path, {
      ...(body !== undefined && {
        headers: { "content-type": "application/json" },
        body: JSON.stringify(body),
      }),
    });
  return {
    send,
    get: (path) => sendJson("GET", path),
    post: (path, body) => sendJson("POST", path, body),
    patch: (path, body) => sendJson("PATCH", path, body),
    delete: (path) => sendJson("DELETE", path),
  };
}

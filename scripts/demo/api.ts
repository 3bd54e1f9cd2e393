/** A small client of the host's HTTP API, as an application would write one. */
export interface Api {
  get(path: string): Promise<Answer>;
  post(path: string, body?: unknown): Promise<Answer>;
  put(path: string, body: unknown): Promise<Answer>;
  patch(path: string, body: unknown): Promise<Answer>;
}

export interface Answer {
  status: number;
  body: Record<string, unknown>;
}

export function createApi(address: string, key: string): Api {
  async function send(method: string, path: string, body?: unknown): Promise<Answer> {
    const response = await fetch(`${address}${path}`, {
      method,
      headers: {
        authorization: `Bearer ${key}`,
        ...(body !== undefined && { "content-type": "application/json" }),
      },
      ...(body !== undefined && { body: JSON.stringify(body) }),
    });
    return { status: response.status, body: (await response.json()) as Record<string, unknown> };
  }
  return {
    get: (path) => send("GET", path),
    post: (path, body) => send("POST", path, body),
    put: (path, body) => send("PUT", path, body),
    patch: (path, body) => send("PATCH", path, body),
  };
}

/** The answer, if it has the status that was expected; otherwise an error that shows what came instead. */
export function expectStatus(answer: Answer, status: number, code?: string): Record<string, unknown> {
  if (answer.status === status && (code === undefined || answer.body.code === code)) return answer.body;
  throw new Error(`expected ${status} ${code ?? ""}, got ${answer.status} ${JSON.stringify(answer.body)}`);
}

/** What an action answered. */
export async function runAction<Output>(
  api: Api,
  connection: string,
  action: string,
  input: object = {},
): Promise<Output> {
  const answer = await api.post(`/api/v1/connections/${connection}/actions/${action}`, { input });
  return expectStatus(answer, 200).output as Output;
}

/** @throws unless what is claimed is so */
export function expectSame(what: string, got: unknown, expected: unknown): void {
  const [one, other] = [JSON.stringify(got), JSON.stringify(expected)];
  if (one !== other) throw new Error(`${what}: expected ${other}, got ${one}`);
}

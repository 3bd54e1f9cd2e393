import { PassThrough } from "node:stream";
import type { TestContext } from "node:test";
import {
  createHttpApp,
  type ErrorTable,
  type HttpAppOptions,
  httpErrors,
  type Listener,
  listen,
  type ProblemDocument,
  type Route,
} from "@plugboard/service-kit/http";
import { createLogger, createMetrics, type Metrics } from "@plugboard/service-kit/observe";

export interface TestApp {
  listener: Listener;
  metrics: Metrics;
  /** What has been logged since the last call. */
  log(): string;
  fetch(path: string, init?: RequestInit): Promise<Response>;
  post(path: string, body: unknown): Promise<Response>;
}

export const defaults = {
  errors: {} as ErrorTable,
  openapi: { title: "Test", version: "1.0.0", description: "For tests." },
  async authenticate(request: { headers: { authorization?: string | undefined } }) {
    if (request.headers.authorization !== "Bearer good")
      throw httpErrors.error("unauthorized", "Send a key.");
    return { name: "tester" };
  },
};

/** Serves routes on a free port until the test is over. */
export async function serve(
  t: TestContext,
  routes: Route[],
  { patience, ...o }: Partial<HttpAppOptions> & Pick<Parameters<typeof listen>[1], "patience"> = {},
): Promise<TestApp> {
  const output = new PassThrough().setEncoding("utf8");
  const logger = createLogger({ name: "test", level: "debug", destination: output });
  const metrics = createMetrics({ runtime: false });
  const app = createHttpApp({ ...defaults, routes, logger, metrics, checkResponses: true, ...o });
  const listener = await listen(app, { port: 0, host: "127.0.0.1", logger, ...(patience && { patience }) });
  t.after(() => listener.close(0));
  return {
    listener,
    metrics,
    log: () => String(output.read() ?? ""),
    fetch: (path, init) => fetch(listener.address + path, init),
    post: (path, body) =>
      fetch(listener.address + path, {
        method: "POST",
        headers: { "content-type": "application/json" },
        body: JSON.stringify(body),
      }),
  };
}

export async function problem(response: Response): Promise<ProblemDocument & { problems?: unknown }> {
  return (await response.json()) as ProblemDocument;
}

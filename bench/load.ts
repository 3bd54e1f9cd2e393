import autocannon from "autocannon";

export interface LoadResult {
  requestsPerSecond: number;
  p50Ms: number;
  p99Ms: number;
}

const connections = 32;

/** Posts `body` as fast as the server answers. @throws if any answer was not 2xx: a wrong answer is no speed */
export async function load(
  url: string,
  options: { body: unknown; headers?: Record<string, string>; seconds: number },
): Promise<LoadResult> {
  const result = await autocannon({
    url,
    method: "POST",
    connections,
    duration: options.seconds,
    headers: { "content-type": "application/json", ...options.headers },
    body: JSON.stringify(options.body),
  });
  const failed = result.non2xx + result.errors + result.timeouts;
  if (failed > 0) throw new Error(`${failed} of ${result.requests.total} requests to ${url} failed`);
  return { requestsPerSecond: result.requests.average, p50Ms: result.latency.p50, p99Ms: result.latency.p99 };
}

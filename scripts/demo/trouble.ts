import { type Api, expectSame, expectStatus, runAction } from "./api.ts";
import type { Narrator } from "./narrator.ts";
import type { Stage } from "./stage.ts";
import type { Customer } from "./tenants.ts";

/** Vendors that break off, fail, and come back. */
export async function trouble(
  stage: Stage,
  narrator: Narrator,
  { a, b, org }: { a: Customer; b: Customer; org: string },
): Promise<void> {
  narrator.chapter("Vendors in trouble");
  const { stripe, salesforce } = stage;
  const ofA = `/api/v1/connections/${a.connections.stripe}`;

  await narrator.step(
    "Stripe cuts the answer to a write: it goes again under the same key, and is done once",
    async () => {
      const from = stripe.requests.length;
      stripe.failNext("cut_off");
      const email = "cut.off@example.com";
      await runAction(a.api, a.connections.stripe, "create-customer", { email });
      const sent = stripe.requests.slice(from).filter(({ method }) => method === "POST");
      const keys = new Set(sent.map(({ idempotencyKey }) => idempotencyKey));
      expectSame("attempts", sent.length, 2);
      expectSame("idempotency keys", keys.size, 1);
      const found = await runAction<{ items: unknown[] }>(a.api, a.connections.stripe, "list-customers", {
        email,
      });
      expectSame("customers there", found.items.length, 1);
      return { value: undefined, lines: [`${sent.length} attempts under ${[...keys].join()}, one customer`] };
    },
  );

  await narrator.step(
    "Salesforce loses the answer to a write, and knows no such key: it is never sent again",
    async () => {
      const from = salesforce.requests.length;
      salesforce.failNext({ status: 503, errorCode: "SERVER_UNAVAILABLE", afterwards: true });
      const answer = await a.api.post(`/api/v1/connections/${org}/actions/create-record`, {
        input: { object: "Invoice__c", fields: { Name: "Once" } },
      });
      expectStatus(answer, 502, "vendor-unavailable");
      const sent = salesforce.requests.slice(from).filter(({ method }) => method === "POST");
      expectSame("attempts", sent.length, 1);
      return { value: undefined, lines: [String(answer.body.detail)] };
    },
  );

  await narrator.step("The tenant says how its connection treats a vendor that is down", async () => {
    const requests = {
      retries: { most: 0 },
      circuitBreaker: { minRequests: 5, failurePercent: 20, openSeconds: 2 },
    };
    expectStatus(await a.api.patch(ofA, { requests }), 200);
    return { value: undefined, lines: [JSON.stringify(requests)] };
  });

  const isOpen = async () => {
    const { circuits } = expectStatus(await a.api.get(`${ofA}/metrics`), 200);
    return (circuits as { host: string; state: string }[]).some(({ state }) => state === "open");
  };
  const failures = await narrator.step(
    "Stripe is down: after a few failures it is left alone, for this connection",
    async () => {
      let value = 0;
      do {
        stripe.failNext("unavailable");
        expectStatus(await list(a.api, a.connections.stripe), 502, "vendor-unavailable");
        if (++value === 50) throw new Error("the circuit did not open");
      } while (!(await isOpen()));
      const from = stripe.requests.length;
      const refused = expectStatus(await list(a.api, a.connections.stripe), 502, "vendor-unavailable");
      expectSame("the reason", refused.reason, "fetch-circuit-open");
      expectSame("requests that Stripe saw of it", stripe.requests.length - from, 0);
      expectStatus(await list(b.api, b.connections.stripe), 200);
      return {
        value,
        lines: [`after ${value} failures: ${refused.detail}`, "tenant B's calls go through meanwhile"],
      };
    },
  );

  await narrator.step("Stripe is back: one request tries it, and all go on", async () => {
    for (let tries = 1; ; tries++) {
      const { status } = await list(a.api, a.connections.stripe);
      if (status === 200) return { value: undefined, lines: [`at try ${tries}`] };
      if (tries === 50) throw new Error("the circuit did not close");
      await new Promise((resolve) => setTimeout(resolve, 250));
    }
  });

  await narrator.step("The connection says how it is, from memory", async () => {
    expectSame("the test", expectStatus(await a.api.post(`${ofA}/test`, {}), 200).outcome, "ok");
    const startedAt = performance.now();
    const { status, state, checks } = expectStatus(await a.api.get(`${ofA}/health`), 200);
    const ms = Math.round(performance.now() - startedAt);
    expectSame("it is", [status, state], ["active", "healthy"]);
    return {
      value: undefined,
      lines: [`${status}, ${state}, ${(checks as unknown[]).length} checks; read in ${ms} ms`],
    };
  });

  await narrator.step("Its figures and log say what went over it, and hold no secret", async () => {
    const figures = await written(a.api, ofA, ({ failed }) => Number(failed) >= failures);
    const log = expectStatus(await a.api.get(`${ofA}/logs?level=warn&limit=50`), 200);
    const lines = log.items as { method: string; path: string; status: number | null; code: string }[];
    if (!lines.some(({ status }) => status === 503)) throw new Error("no line tells of a 503");
    if (JSON.stringify([figures, log]).includes(a.keys.stripe)) throw new Error("the key stands there");
    const [last] = lines;
    return {
      value: undefined,
      lines: [
        `${figures.total} requests, ${figures.failed} failed, p95 ${Math.round(Number(figures.p95Ms))} ms`,
        `${last?.method} ${last?.path}: ${last?.status ?? "no answer"}, ${last?.code}`,
      ],
    };
  });
}

const list = (api: Api, connection: string) =>
  api.post(`/api/v1/connections/${connection}/actions/list-customers`, { input: {} });

/** Figures are written down once a second, beside the requests. */
async function written(api: Api, path: string, isThere: (figures: { [name: string]: unknown }) => boolean) {
  for (let tries = 0; tries < 50; tries++) {
    const figures = expectStatus(await api.get(`${path}/metrics`), 200);
    if (isThere(figures)) return figures;
    await new Promise((resolve) => setTimeout(resolve, 100));
  }
  throw new Error("the figures were not written down");
}

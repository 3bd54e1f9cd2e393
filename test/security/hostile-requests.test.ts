/** Requests that nobody sends by accident: each is refused with a code of its own, and none is a 500. */
import assert from "node:assert/strict";
import { once } from "node:events";
import { connect as openSocket } from "node:net";
import test from "node:test";
import { connect, startTestHost } from "../support/host.ts";
import { publishTestPlugin, registerPublisher } from "../support/plugin.ts";

/** Deep enough for any stack, and still within the mebibyte that a body may have. */
const abyss = `${"[".repeat(400_000)}${"]".repeat(400_000)}`;

test("hostile requests", async (t) => {
  const host = await startTestHost(t);
  const publisher = await registerPublisher(host.address, "acme");
  await publishTestPlugin(host.address, publisher, {
    id: "acme/echo",
    actions: {
      echo: { run: "return input;" },
      wait: {
        run: "throw Object.assign(new Error('slow down'), { code: 'rate-limited', retryAfterMs: input.ms });",
      },
    },
  });
  const { api } = await host.tenant();
  const { connectionId } = await connect(await host.tenant(), "acme/echo");
  const tenant = await host.tenant();
  const { connectionId: own } = await connect(tenant, "acme/echo");
  const sendJson = (path: string, body: string) =>
    tenant.api.send("POST", path, { headers: { "content-type": "application/json" }, body });
  const expiring = (expiresAt: string) =>
    api.post("/api/v1/api-keys", { name: "x", scopes: ["*"], expiresAt });

  const table: [what: string, attempt: () => ReturnType<typeof api.get>, status: number, code: string][] = [
    [
      "a bottomless field that is not known",
      () => sendJson("/api/v1/installs", `{"plugin":"acme/echo","x":${abyss}}`),
      422,
      "invalid-request",
    ],
    [
      "a bottomless field, and a NUL",
      () => sendJson("/api/v1/installs", `{"plugin":"a\\u0000b","x":${abyss}}`),
      422,
      "invalid-request",
    ],
    ["a bottomless body", () => sendJson("/api/v1/installs", abyss), 422, "invalid-request"],
    [
      "bottomless action input, with an escape in it",
      () => sendJson(`/api/v1/connections/${own}/actions/echo`, `{"input":["\\ud83d\\ude00",${abyss}]}`),
      422,
      "action-input-invalid",
    ],
    ["a key that ends in a leap second", () => expiring("2030-12-31T23:59:60Z"), 422, "invalid-request"],
    [
      "a key that ends in the year 10000",
      () => expiring("9999-12-31T23:59:59-23:59"),
      422,
      "invalid-request",
    ],
    [
      "another tenant's connection, with bottomless input",
      () => sendJson(`/api/v1/connections/${connectionId}/actions/echo`, `{"input":${abyss}}`),
      404,
      "connection-not-found",
    ],
  ];
  for (const [what, attempt, status, code] of table) {
    await t.test(`${what}: ${status} ${code}`, async () => {
      const answer = await attempt();
      assert.deepEqual([answer.status, answer.body.code], [status, code], JSON.stringify(answer.body));
    });
  }

  for (const [target, status] of [
    ["http://[/", 400],
    ["http://[/registry/v1/root", 400],
    ["http://a:b:c/", 400],
    ["http://x:99999/registry/v1/root", 400],
    ["*", 400],
    ["/registry/v1/%zz", 400],
    ["http://x/registry/v1/root", 200],
    ["//registry/v1/root", 404],
    ["/registry%2fv1/root", 404],
    ["/Registry/V1/root", 404],
    ["/registry/v1/../../api/v1/tenants", 404],
    ["/registry/v1/..%2f..%2fmetrics", 404],
    [`/registry/v1/tenants/${tenant.id}/installs`, 401],
    [`http://x/registry/v1/tenants/${tenant.id}/installs`, 401],
  ] as const) {
    await t.test(`GET ${target}: ${status}`, async () => {
      assert.equal(await statusOf(host.address, `GET ${target} HTTP/1.1`), status);
    });
  }

  for (const [ms, seconds] of [
    [1500, "2"],
    [1e21, "86400"],
    [1e300, "86400"],
  ] as const) {
    await t.test(`a plugin that asks to wait ${ms} ms: Retry-After ${seconds}`, async () => {
      const answer = await tenant.api.post(`/api/v1/connections/${own}/actions/wait`, { input: { ms } });
      assert.deepEqual([answer.status, answer.headers.get("retry-after")], [429, seconds]);
    });
  }
});

/** `fetch` would mend these targets before it sends them. */
async function statusOf(address: string, requestLine: string): Promise<number> {
  const { port, hostname } = new URL(address);
  const socket = openSocket(Number(port), hostname);
  const chunks: Buffer[] = [];
  socket.on("data", (chunk: Buffer) => chunks.push(chunk));
  socket.write(`${requestLine}\r\nHost: x\r\nConnection: close\r\n\r\n`);
  await once(socket, "close");
  return Number(Buffer.concat(chunks).toString("latin1").split(" ")[1]);
}

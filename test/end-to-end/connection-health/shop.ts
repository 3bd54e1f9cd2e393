import assert from "node:assert/strict";
import { createServer } from "node:http";
import type { AddressInfo } from "node:net";
import type { TestContext } from "node:test";
import pg from "pg";
import { startTestHost, type TestTenant } from "../../support/host.ts";
import { publishTestPlugin, registerPublisher } from "../../support/plugin.ts";

export const masterKey = Buffer.alloc(32, 7).toString("base64");

/** A host that looks often, a vendor that answers as it is told, and a tenant that has installed the vendor's plugin. */
export async function openShop(t: TestContext) {
  const vendor = {
    status: 200,
    keys: [] as (string | undefined)[],
    queries: [] as string[],
    /** Answers to this key go out when this is done. */
    held: undefined as { key: string; until: Promise<void> } | undefined,
  };
  const server = createServer(async (request, response) => {
    const { status, held } = vendor;
    vendor.keys.push(request.headers.authorization);
    vendor.queries.push(request.url ?? "");
    if (held && held.key === request.headers.authorization) await held.until;
    if (status === 0) return void request.socket.destroy();
    response.writeHead(status, { "content-type": "application/json" }).end("{}");
  });
  await new Promise<void>((resolve) => server.listen(0, "127.0.0.1", resolve));
  t.after(() => {
    server.closeAllConnections();
    server.close();
  });
  const origin = `http://127.0.0.1:${(server.address() as AddressInfo).port}`;
  const clock = { ms: Date.now() };
  const host = await startTestHost(t, {
    isolation: "thread",
    masterKey,
    now: () => clock.ms,
    healthRoundMs: 50,
    sandboxLimits: { connectionsPerTenant: 40 },
    egressRewrite: { "main.vendor.example": origin, "other.vendor.example": origin },
  });
  const db = new pg.Client({ connectionString: host.databaseUrl });
  await db.connect();
  const publisher = await registerPublisher(host.address, "acme");
  const request = "GET https://{site}.vendor.example/v1/account?fields=id";
  await publishTestPlugin(host.address, publisher, {
    id: "acme/shop",
    actions: { ping: { run: `await fetch("https://main.vendor.example/v1/ping"); return {};` } },
    permissions: {
      network: [{ hosts: ["{site}.vendor.example"], methods: ["GET"], reason: "Call the vendor" }],
      events: { publish: ["order.made"], reason: "Tell of orders" },
      storage: { maxBytes: 4096, reason: "Remember" },
    },
    manifest: {
      categories: ["commerce"],
      auth: [
        { type: "bearer", test: { request } },
        { type: "apiKey", in: "query", name: "key", test: { request } },
        { type: "basic" },
      ],
      connection: {
        config: {
          type: "object",
          additionalProperties: false,
          required: ["site"],
          properties: { site: { type: "string", enum: ["main", "other"] } },
        },
      },
    },
  });
  const tenant = await host.tenant();
  const installId = await install(tenant);

  async function install({ api }: TestTenant): Promise<string> {
    const asked = await api.post("/api/v1/installs", { plugin: "acme/shop" });
    return (await api.post("/api/v1/installs", { plugin: "acme/shop", consent: asked.body.consent })).body.id;
  }
  async function create(auth: object = { type: "bearer", token: "token-0123456789" }): Promise<string> {
    const made = await tenant.api.post("/api/v1/connections", {
      installId,
      name: "A shop",
      config: { site: "main" },
      auth,
    });
    assert.equal(made.status, 201, JSON.stringify(made.body));
    return made.body.id;
  }
  const read = async (id: string) => (await tenant.api.get(`/api/v1/connections/${id}`)).body;
  const healthOf = async (id: string) => (await tenant.api.get(`/api/v1/connections/${id}/health`)).body;
  const tryNow = (id: string) => tenant.api.post(`/api/v1/connections/${id}/test`);
  const told = async (id: string) => {
    const { body } = await tenant.api.get("/api/v1/events?type=plugboard.connection.*&limit=100");
    const items = body.items as { type: string; data: { connectionId: string } }[];
    return items
      .filter(({ data }) => data.connectionId === id)
      .map(({ type }) => type.replace("plugboard.connection.", ""));
  };
  /** Has the connection be due, and waits until a host has looked. */
  async function lookedAt(id: string): Promise<void> {
    const { checks } = await healthOf(id);
    await db.query("update core.connection_health set next_check_at = now() where connection_id = $1", [id]);
    for (;;) {
      const { rows } = await db.query(
        "select next_check_at > now() as looked from core.connection_health where connection_id = $1",
        [id],
      );
      const after = await healthOf(id);
      const isNew =
        after.checks[0]?.checkedAt !== checks[0]?.checkedAt || after.checks.length !== checks.length;
      if (rows[0].looked && isNew) return;
      await new Promise((resolve) => setTimeout(resolve, 20));
    }
  }

  return {
    vendor,
    origin,
    clock,
    host,
    db,
    publisher,
    tenant,
    installId,
    install,
    create,
    read,
    healthOf,
    tryNow,
    told,
    lookedAt,
  };
}

export type Shop = Awaited<ReturnType<typeof openShop>>;

import { randomBytes } from "node:crypto";
import { type Api, createApi, expectStatus } from "./api.ts";
import type { Narrator } from "./narrator.ts";
import type { Stage } from "./stage.ts";

/** A tenant with both plugins installed and connected under its own vendor keys. */
export interface Customer {
  name: string;
  api: Api;
  keys: { stripe: string; ledger: string };
  connections: { stripe: string; ledger: string };
  installs: { stripe: string; ledger: string };
}

export async function tenants(stage: Stage, narrator: Narrator): Promise<[Customer, Customer]> {
  return [await tenant(stage, narrator, "Tenant A"), await tenant(stage, narrator, "Tenant B")];
}

async function tenant(stage: Stage, narrator: Narrator, name: string): Promise<Customer> {
  narrator.chapter(`${name} installs, connects and works`);
  const keys = {
    stripe: `sk_test_${randomBytes(16).toString("hex")}`,
    ledger: `ledger-${randomBytes(16).toString("hex")}`,
  };

  const api = await narrator.step("The operator creates the tenant and its API key", async () => {
    const created = expectStatus(await stage.admin.post("/api/v1/tenants", { name }), 201);
    const key = expectStatus(
      await stage.admin.post("/api/v1/api-keys", {
        name: "application",
        tenantId: created.id,
        scopes: ["*"],
      }),
      201,
    );
    return { value: createApi(stage.address, String(key.key)), lines: [String(created.id)] };
  });

  const connect = async (plugin: string, search: string, key: string) => {
    await narrator.step(`The marketplace has ${plugin}`, async () => {
      const found = expectStatus(await api.get(`/api/v1/marketplace/plugins?q=${search}`), 200);
      const items = found.items as { id: string; version: string; description: string }[];
      const item = items.find(({ id }) => id === plugin);
      if (!item)
        throw new Error(
          `the search for "${search}" gave ${items.map(({ id }) => id).join(", ") || "nothing"}`,
        );
      return { value: undefined, lines: [`${item.id} ${item.version}: ${item.description}`] };
    });
    const request = { plugin, range: "^1.0.0" };
    const consent = await narrator.step(
      "Installing without consent is refused, and the permissions are shown",
      async () => {
        const refused = expectStatus(await api.post("/api/v1/installs", request), 409, "consent-required");
        const { network = [] } = refused.permissions as {
          network?: { hosts: string[]; methods: string[]; reason: string }[];
        };
        const lines = network.map(
          ({ hosts, methods, reason }) => `${methods.join(", ")} ${hosts.join(", ")}: ${reason}`,
        );
        return { value: String(refused.consent), lines };
      },
    );
    const install = await narrator.step("With consent to exactly these it is installed", async () => {
      const installed = expectStatus(await api.post("/api/v1/installs", { ...request, consent }), 201);
      return {
        value: String(installed.id),
        lines: [`${installed.plugin} ${installed.version}, ${installed.status}`],
      };
    });
    const connection = await narrator.step("The account is connected with the tenant's own key", async () => {
      const body = { installId: install, name: `${name} at ${search}`, auth: { type: "apiKey", key } };
      const answer = expectStatus(await api.post("/api/v1/connections", body), 201);
      if (JSON.stringify(answer).includes(key)) throw new Error("the answer holds the key");
      return { value: String(answer.id), lines: [`${answer.id}, ${answer.status}`] };
    });
    return { install, connection };
  };

  const stripe = await connect("plugboard/stripe", "stripe", keys.stripe);
  const ledger = await connect("acme/ledger", "ledger", keys.ledger);
  const connections = { stripe: stripe.connection, ledger: ledger.connection };
  const installs = { stripe: stripe.install, ledger: ledger.install };

  await narrator.step("A customer is created at Stripe, and listed", async () => {
    const email = `${name.replace(" ", ".").toLowerCase()}@example.com`;
    const actions = `/api/v1/connections/${connections.stripe}/actions`;
    const created = expectStatus(
      await api.post(`${actions}/create-customer`, { input: { email, name } }),
      200,
    );
    const customer = created.output as { id: string };
    const listed = expectStatus(await api.post(`${actions}/list-customers`, { input: {} }), 200);
    const customers = JSON.stringify(listed.output);
    if (!customers.includes(customer.id)) throw new Error(`the list lacks ${customer.id}: ${customers}`);
    return { value: undefined, lines: [`${customer.id} ${email}`] };
  });

  await narrator.step("An entry is posted with the stranger's plugin", async () => {
    const path = `/api/v1/connections/${connections.ledger}/actions/post-entry`;
    const posted = expectStatus(await api.post(path, { input: { text: "Coffee", cents: 350 } }), 200);
    return { value: undefined, lines: [JSON.stringify(posted.output)] };
  });

  return { name, api, keys, connections, installs };
}

import { randomBytes } from "node:crypto";
import { type Api, createApi, expectStatus } from "./api.ts";
import { install } from "./install.ts";
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
    const installed = await install(api, narrator, plugin, { search, range: "^1.0.0" });
    const connection = await narrator.step("The account is connected with the tenant's own key", async () => {
      const body = { installId: installed, name: `${name} at ${search}`, auth: { type: "apiKey", key } };
      const answer = expectStatus(await api.post("/api/v1/connections", body), 201);
      if (JSON.stringify(answer).includes(key)) throw new Error("the answer holds the key");
      return { value: String(answer.id), lines: [`${answer.id}, ${answer.status}`] };
    });
    return { install: installed, connection };
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

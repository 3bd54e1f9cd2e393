import { readFile } from "node:fs/promises";
import { type Answer, expectStatus } from "./api.ts";
import type { AuthorsRelease } from "./author.ts";
import type { Narrator } from "./narrator.ts";
import type { Stage } from "./stage.ts";
import type { Customer } from "./tenants.ts";

/** What must not work, tried. */
export async function attacks(play: {
  stage: Stage;
  release: AuthorsRelease;
  customers: [Customer, Customer];
  narrator: Narrator;
}): Promise<void> {
  const { stage, release, customers, narrator } = play;
  const [a, b] = customers;
  const secrets = [...customers.flatMap(({ keys }) => [keys.stripe, keys.ledger]), ...tokensOf(stage)];
  narrator.chapter("What must not work");

  await narrator.step("Each vendor got each tenant's own key, and no other", async () => {
    const atStripe = new Set(stage.stripe.requests.map(({ authorization }) => authorization));
    const atLedger = new Set(stage.ledger.authorizations);
    expectSet("Stripe", atStripe, [`Bearer ${a.keys.stripe}`, `Bearer ${b.keys.stripe}`]);
    expectSet("The ledger", atLedger, [`Bearer ${a.keys.ledger}`, `Bearer ${b.keys.ledger}`]);
    return { value: undefined, lines: [`Stripe saw ${atStripe.size} keys, the ledger ${atLedger.size}`] };
  });

  await narrator.step("Inside the sandbox the plugin sees no key, no process, no evaluator", async () => {
    const answer = await callLedger(a, "look-around");
    const { seen, missing } = expectStatus(answer, 200).output as { seen: string; missing: string[] };
    expectNoSecret(seen, secrets);
    return {
      value: undefined,
      lines: [`${seen.split("\n").length} values looked at, none a key`, `not there: ${missing.join(", ")}`],
    };
  });

  await narrator.step(
    "A vendor that echoes the key (raw, base64, URL-encoded) tells the plugin nothing",
    async () => {
      const { answer } = expectStatus(await callLedger(a, "ask-for-an-echo"), 200).output as {
        answer: string;
      };
      expectNoSecret(answer, secrets);
      return { value: undefined, lines: [answer.slice(0, 160)] };
    },
  );

  await narrator.step("A host without a grant is not called", async () => {
    const refused = expectStatus(await callLedger(a, "phone-home"), 502, "egress-refused");
    return { value: undefined, lines: [String(refused.detail)] };
  });

  await narrator.step("Tenant B reaches nothing of tenant A", async () => {
    const actions = `/api/v1/connections/${a.connections.stripe}`;
    expectStatus(await b.api.get(actions), 404, "connection-not-found");
    const call = await b.api.post(`${actions}/actions/list-customers`, { input: {} });
    expectStatus(call, 404, "connection-not-found");
    expectStatus(await b.api.get(`/api/v1/installs/${a.installs.stripe}`), 404, "install-not-found");
    const stolen = {
      installId: a.installs.stripe,
      name: "stolen",
      auth: { type: "apiKey", key: b.keys.stripe },
    };
    expectStatus(await b.api.post("/api/v1/connections", stolen), 404, "install-not-found");
    return { value: undefined, lines: ["connection, call, install and connecting under A's install: 404"] };
  });

  await narrator.step(
    "A tarball in which one bit was flipped is refused; as it was signed it is taken",
    async () => {
      const signed = await readFile(release.tarball);
      const tampered = Buffer.from(signed);
      const at = Math.floor(signed.length / 2);
      tampered.writeUInt8(signed.readUInt8(at) ^ 1, at);
      const refused = expectStatus(await publish(release, tampered), 422, "statement-mismatch");
      expectStatus(await publish(release, signed), 202);
      return { value: undefined, lines: [String(refused.detail)] };
    },
  );

  await narrator.step("No key stands in what the host printed", async () => {
    expectNoSecret(stage.hostOutput(), secrets);
    const lines = stage.hostOutput().split("\n").length;
    return {
      value: undefined,
      lines: [`${lines} lines of log searched for ${secrets.length} keys and tokens`],
    };
  });
}

/** What OAuth brought: the operator's secret, and every token that a vendor has seen. */
function tokensOf({ shopify, salesforce, apps }: Stage): string[] {
  const ofShop = shopify.requests.flatMap(({ accessToken = [] }) => accessToken);
  const ofOrg = salesforce.requests.flatMap(
    ({ headers: { authorization } }) => authorization?.replace("Bearer ", "") ?? [],
  );
  return [...new Set([apps.shopify.clientSecret, ...ofShop, ...ofOrg])];
}

async function publish({ registry, statement }: AuthorsRelease, tarball: Buffer): Promise<Answer> {
  const form = new FormData();
  form.set("statement", (await readFile(statement, "utf8")).trim());
  form.set("tarball", new Blob([new Uint8Array(tarball)], { type: "application/gzip" }), "plugin.tgz");
  const response = await fetch(`${registry}/registry/v1/plugins`, { method: "POST", body: form });
  return { status: response.status, body: (await response.json()) as Record<string, unknown> };
}

function callLedger(customer: Customer, action: string) {
  return customer.api.post(`/api/v1/connections/${customer.connections.ledger}/actions/${action}`, {
    input: {},
  });
}

function expectSet(who: string, got: Set<string | null | undefined>, expected: string[]): void {
  const same = got.size === expected.length && expected.every((value) => got.has(value));
  if (!same) throw new Error(`${who} got ${got.size} different credentials, not the two tenants' own`);
}

function expectNoSecret(text: string, secrets: string[]): void {
  for (const secret of secrets) {
    const forms = [
      secret,
      Buffer.from(secret).toString("base64").replace(/=+$/, ""),
      encodeURIComponent(secret),
    ];
    if (forms.some((form) => text.includes(form))) throw new Error("a credential can be read there");
  }
}

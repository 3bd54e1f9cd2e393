import { readFile } from "node:fs/promises";
import { expectStatus } from "./api.ts";
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
  const secrets = customers.flatMap(({ keys }) => [keys.stripe, keys.ledger]);
  narrator.chapter("What must not work");

  await narrator.step("Each vendor got each tenant's own key, and no other", async () => {
    const atStripe = new Set((await stage.stripeRequests()).map(({ authorization }) => authorization));
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

  await narrator.step("A tampered tarball is refused", async () => {
    const tarball = await readFile(release.tarball);
    const at = Math.floor(tarball.length / 2);
    tarball.writeUInt8(tarball.readUInt8(at) ^ 1, at);
    const form = new FormData();
    form.set("statement", await readFile(release.statement, "utf8"));
    form.set("tarball", new Blob([tarball], { type: "application/gzip" }), "plugin.tgz");
    const response = await fetch(`${release.registry}/registry/v1/plugins`, { method: "POST", body: form });
    const body = (await response.json()) as Record<string, unknown>;
    if (response.status < 400 || response.status >= 500) throw new Error(`got ${response.status}`);
    return { value: undefined, lines: [`${response.status} ${body.code}: ${body.detail}`] };
  });

  await narrator.step("No key stands in what the host printed", async () => {
    expectNoSecret(stage.hostOutput(), secrets);
    return { value: undefined, lines: [`${stage.hostOutput().split("\n").length} lines of log searched`] };
  });
}

function callLedger(customer: Customer, action: string) {
  return customer.api.post(`/api/v1/connections/${customer.connections.ledger}/actions/${action}`, {
    input: {},
  });
}

function expectSet(who: string, got: Set<string | null>, expected: string[]): void {
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

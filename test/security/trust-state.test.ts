/** The keys that this host met first decide what runs. Spoiling the file that keeps them gains nobody's trust. */
import assert from "node:assert/strict";
import { readdir, readFile, writeFile } from "node:fs/promises";
import path from "node:path";
import test from "node:test";
import { generateSigningKey } from "@plugboard/plugin-sdk/trust";
import { createTestApi } from "../support/api.ts";
import { connect, startTestHost } from "../support/host.ts";
import { publishTestPlugin, registerPublisher } from "../support/plugin.ts";

test("a trust.json that was altered runs nothing, and is not made anew", async (t) => {
  const host = await startTestHost(t, { isolation: "thread" });
  const publisher = await registerPublisher(host.address, "acme");
  await publishTestPlugin(host.address, publisher, {
    id: "acme/echo",
    actions: { echo: { run: "return input;" } },
  });
  const tenant = await host.tenant();
  const { connectionId } = await connect(tenant, "acme/echo");
  const file = path.join(host.dataDir, "trust.json");
  const good = await readFile(file, "utf8");
  const call = async () =>
    createTestApi(await host.restart(), tenant.key).post(`/api/v1/connections/${connectionId}/actions/echo`, {
      input: {},
    });
  const { publicJwk: stranger } = await generateSigningKey();

  const strangers = JSON.stringify({ registryKeys: [stranger] });
  for (const spoilt of [
    "",
    "{}",
    "not JSON",
    '{"registryKeys":[]}',
    '{"registryKeys":"x"}',
    '{"registryKeys":[null]}',
    '{"registryKeys":[{"kty":"OKP","crv":"Ed25519","x":"AAAA"}]}',
    '{"registryKeys":[{"kty":"oct","k":"AAAA"}]}',
    strangers,
  ]) {
    await t.test(spoilt || "an empty file", async () => {
      await writeFile(file, spoilt);
      const answer = await call();
      assert.deepEqual(
        [answer.status, answer.body.code],
        // Whole, but of another registry than the one that answers.
        [502, spoilt === strangers ? "registry-not-trusted" : "release-not-trusted"],
        JSON.stringify(answer.body),
      );
      assert.ok(!answer.body.detail.includes(host.dataDir), answer.body.detail);
      assert.equal(await readFile(file, "utf8"), spoilt);
    });
  }

  await t.test("restored, it runs again", async () => {
    await writeFile(file, good);
    assert.equal((await call()).status, 200);
  });
});

test("a local copy of signatures that was altered is fetched again", async (t) => {
  const host = await startTestHost(t, { isolation: "thread" });
  const publisher = await registerPublisher(host.address, "acme");
  await publishTestPlugin(host.address, publisher, {
    id: "acme/echo",
    actions: { echo: { run: "return input;" } },
  });
  const tenant = await host.tenant();
  const { connectionId } = await connect(tenant, "acme/echo");
  const folder = path.join(host.dataDir, "releases");
  const file = path.join(
    folder,
    (await readdir(folder)).find((name) => name.endsWith(".signatures.json")) ?? "",
  );
  const good = await readFile(file, "utf8");
  for (const spoilt of ["null", "1", "[]", "{}", '{"publisher":1,"registry":{},"delegation":[]}']) {
    await t.test(spoilt, async () => {
      await writeFile(file, spoilt);
      const api = createTestApi(await host.restart(), tenant.key);
      const answer = await api.post(`/api/v1/connections/${connectionId}/actions/echo`, { input: { n: 1 } });
      assert.deepEqual(answer.body.output, { n: 1 }, JSON.stringify(answer.body));
      assert.equal(await readFile(file, "utf8"), good);
    });
  }
});

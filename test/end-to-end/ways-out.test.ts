/** Whatever became of an install's version, its tenant can switch it off and on, leave the version, and leave the plugin. */
import assert from "node:assert/strict";
import test, { type TestContext } from "node:test";
import type { TestHost } from "../support/host.ts";
import { startWithVersions, type TestInstall } from "../support/versions.ts";

interface State {
  name: string;
  /** Which version is brought there. */
  version: string;
  reach(install: TestInstall, host: TestHost): Promise<void>;
  /** What a call then answers, and what it answers after the install was switched off and on. */
  answers: [then: string, later: string];
}

const states: State[] = [
  {
    name: "in quarantine",
    version: "2.1.0",
    async reach(install) {
      for (let tries = 0; (await install.outcome("crash")) !== "plugin-quarantined"; tries++)
        assert.ok(tries < 40, "it crashed often enough");
    },
    answers: ["plugin-quarantined", "plugin-quarantined"],
  },
  {
    name: "switched off",
    version: "2.2.0",
    async reach({ tenant, path }) {
      await tenant.api.patch(path, { status: "disabled" });
    },
    answers: ["install-disabled", "2.2.0"],
  },
  {
    name: "blocked by the registry",
    version: "2.3.0",
    async reach({ outcome }, host) {
      const block = await host.admin.send("PUT", "/registry/v1/plugins/acme/versions/2.3.0/block", {
        headers: { "content-type": "application/json" },
        body: JSON.stringify({ reason: "It lies." }),
      });
      assert.ok(block.status < 300, JSON.stringify(block.body));
      while ((await outcome("version")) !== "release-blocked");
    },
    answers: ["release-blocked", "release-blocked"],
  },
];

test("ways out", { timeout: 170_000 }, async (t) => {
  const { host, install } = await startWithVersions(
    t,
    ["1.0.0", "2.1.0", "2.2.0", "2.3.0", "3.0.0"].map((version) => ({
      version,
      actions: { crash: { run: "for (;;) {}" } },
      permissions: { storage: { maxBytes: 1_000, reason: "To remember." } },
      hooks: { upgrade: "await storage.set('seen', input.to);", uninstall: "log.info('leaving');" },
    })),
    {
      sandboxLimits: { blockMs: 100, crashes: 4, backOffMs: 1, quarantineCrashes: 4 },
      trust: { refreshMs: 50 },
    },
  );
  for (const state of states) {
    await t.test(`of a version that is ${state.name}`, async (t) => {
      const installs: TestInstall[] = [];
      for (let count = 0; count < 2; count++) {
        const one = await install(await host.tenant(), "1.0.0");
        assert.equal((await one.moveTo(state.version)).body.version, state.version);
        installs.push(one);
      }
      for (const one of installs) {
        await state.reach(one, host);
        assert.equal(await one.outcome("version"), state.answers[0]);
      }
      await check(t, installs as [TestInstall, TestInstall], state.answers[1]);
    });
  }
});

async function check(t: TestContext, [one, other]: [TestInstall, TestInstall], answersLater: string) {
  const { tenant, path } = one;
  await t.test("off and on", async () => {
    for (const status of ["disabled", "active"]) {
      const answer = await tenant.api.patch(path, { status });
      assert.deepEqual([answer.status, answer.body.status], [200, status], JSON.stringify(answer.body));
    }
    assert.equal(await one.outcome("version"), answersLater);
  });

  await t.test("its connection changed", async () => {
    const answer = await tenant.api.patch(`/api/v1/connections/${one.connectionId}`, { name: "Renamed" });
    assert.equal(answer.body.name, "Renamed");
  });

  await t.test("back to the version before, and on to another one", async () => {
    const back = await other.rollBack();
    assert.equal(back.body.version, "1.0.0", JSON.stringify(back.body));
    const answer = await other.moveTo("3.0.0");
    assert.equal(answer.body.version, "3.0.0", JSON.stringify(answer.body));
    if (answer.body.status === "disabled") await other.tenant.api.patch(other.path, { status: "active" });
    assert.equal(await other.outcome("version"), "3.0.0");
  });

  await t.test("removed", async () => {
    assert.equal((await tenant.api.delete(`/api/v1/connections/${one.connectionId}`)).status, 204);
    assert.equal((await tenant.api.delete(path)).status, 204);
    assert.equal((await tenant.api.get(path)).status, 404);
  });
}

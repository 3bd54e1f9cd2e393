/** Where registry and host parted and the registry refuses to be mended: what still can be done. */
import assert from "node:assert/strict";
import test from "node:test";
import { createLogger } from "@plugboard/service-kit/observe";
import { openTestDatabase } from "@plugboard/service-kit/testing";
import { coreError } from "../../errors.ts";
import { createChangeLeases } from "../../kernel/plugins/lifecycle/lease.ts";
import { coreMigrations } from "../../migrations/index.ts";
import type { CoreDatabase } from "../../tables.ts";

const schema = { migrated: [{ schema: "core", migrations: coreMigrations }] };
const target = { tenantId: "tnt_a", plugin: "acme/echo" };

test("what the registry refuses to mend can be uninstalled, and nothing else can be done with it", async (t) => {
  const database = await openTestDatabase(t, { schema });
  const db = database.kysely<CoreDatabase>("core");
  await db.insertInto("tenants").values({ id: "tnt_a", name: "A tenant" }).execute();
  let answer = coreError("registry-unavailable", "Away.");
  const leases = createChangeLeases({
    db,
    logger: createLogger({ name: "test", level: "fatal" }),
    mend: async () => {
      throw answer;
    },
  });
  const hold = (kind: "upgrade" | "uninstall") =>
    leases.hold(target, kind, async (lease) => {
      await db.transaction().execute((tx) => lease.end(tx));
      return "done";
    });
  await leases.hold(target, "upgrade", async (lease) => lease.leaveParted());

  await assert.rejects(hold("uninstall"), { code: "registry-unavailable" });
  answer = coreError("registry-refused", "No.");
  await assert.rejects(hold("upgrade"), { code: "registry-refused" });
  const failing = leases.hold(target, "uninstall", async () => Promise.reject(new Error("The hook failed.")));
  await assert.rejects(failing, /The hook failed/);
  assert.equal((await leases.listParted()).length, 1, "it is still to be mended");
  assert.equal(await hold("uninstall"), "done");
  assert.deepEqual(await leases.listParted(), []);
});

/** Who may change what a tenant has of a plugin, when the one before was cut off. */
import assert from "node:assert/strict";
import test from "node:test";
import { createLogger } from "@plugboard/service-kit/observe";
import { createChangeLeases } from "../../kernel/plugins/lifecycle/lease.ts";
import { openCoreDatabase } from "../storage/harness.ts";

const logger = createLogger({ name: "test", level: "error", destination: { write() {} } });

test("what cannot be brought together any more can be uninstalled, and nothing else", async (t) => {
  const { db, install } = await openCoreDatabase(t);
  const { tenantId } = await install();
  const target = { tenantId, plugin: "acme/parted" };
  let code = "registry-refused";
  const leases = createChangeLeases({
    db,
    logger,
    mend: () => Promise.reject(Object.assign(new Error("refused"), { code })),
  });
  const cutOff = leases.hold(target, "upgrade", async (lease) => {
    lease.leaveParted();
    throw new Error("cut off");
  });
  await assert.rejects(cutOff, /cut off/);

  await assert.rejects(
    leases.hold(target, "upgrade", async () => "upgraded"),
    { code },
  );
  assert.equal(await leases.hold(target, "uninstall", async () => "gone"), "gone");

  code = "registry-unavailable";
  await assert.rejects(
    leases.hold(target, "uninstall", async () => "gone"),
    { code },
  );
});

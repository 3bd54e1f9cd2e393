import assert from "node:assert/strict";
import test from "node:test";
import { createInstallRoutes } from "../../kernel/plugins/install-routes.ts";

test("a list that cannot be completed is refused at once, and what else was asked for it may fail later", async () => {
  const quarantine = Promise.withResolvers<undefined>();
  const lost = (what: string) => new Error(`the database was lost while ${what} were read`);
  const routes = createInstallRoutes({
    installs: { list: async () => [{ id: "ins_1", tenantId: "tnt_1" }] },
    quarantine: { of: () => quarantine.promise },
    trust: { blockOf: () => undefined },
    updates: { of: () => Promise.reject(lost("updates")) },
  } as never);
  const list = routes.find(({ operationId }) => operationId === "listInstalls");
  assert.ok(list);
  await assert.rejects(
    list.handler({ identity: { tenantId: "tnt_1" }, query: {} } as never),
    lost("updates"),
  );
  // A rejection that nobody hears would end a host; here it fails the test.
  quarantine.reject(lost("quarantines"));
  await new Promise((resolve) => setImmediate(resolve));
});

import assert from "node:assert/strict";
import test from "node:test";
import { createLogger } from "@plugboard/service-kit/observe";
import { openTestDatabase } from "@plugboard/service-kit/testing";
import { startChanges, startHostCount } from "../../kernel/changes/index.ts";

const logger = createLogger({ name: "test", level: "silent" });

test("each process that listens to this database counts as a host, one that has gone does not", async (t) => {
  const database = await openTestDatabase(t);
  const count = async () => {
    const hosts = await startHostCount({ db: database.kysely("core"), logger });
    hosts.stop();
    return hosts.now();
  };
  assert.equal(await count(), 1, "this one counts before it listens");
  const first = await startChanges({ database, logger });
  const second = await startChanges({ database, logger });
  assert.equal(await count(), 2);
  await second.stop();
  for (let tries = 0; (await count()) !== 1 && tries < 100; tries++);
  assert.equal(await count(), 1);
  await first.stop();
});

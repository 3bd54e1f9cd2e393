import assert from "node:assert/strict";
import { test } from "node:test";
import type { Job, Jobs, QueueOptions } from "@plugboard/service-kit/jobs";
import { createLogger } from "@plugboard/service-kit/observe";
import { sql } from "kysely";
import { pack, sign } from "./support/plugins.ts";
import { registerPublisher, startRegistry } from "./support/registry.ts";

/** A queue that does nothing by itself: the test makes each attempt. */
function manualJobs() {
  const handlers: NonNullable<QueueOptions<object>["handler"]>[] = [];
  const jobs: Jobs = {
    define<Data extends object>(name: string, options: QueueOptions<Data> = {}) {
      if (options.handler) handlers.push((job) => options.handler?.(job as Job<Data>) ?? Promise.resolve());
      return { name };
    },
    send: async () => null,
    sendMany: async () => {},
    schedule: async () => {},
    redrive: async () => 0,
    start: async () => {},
    stop: async () => {},
  };
  async function attempt(number: number, data: object): Promise<void> {
    const log = createLogger({ name: "jobs", level: "fatal" });
    for (const handler of handlers) {
      await handler({ id: "job", data, attempt: number, signal: new AbortController().signal, log });
    }
  }
  return { jobs, attempt };
}

test("a check that cannot be made is no pass: it is tried again, and in the end the publication is rejected", async (t) => {
  const { jobs, attempt } = manualJobs();
  const { client, database } = await startRegistry(t, { jobs });
  const { key } = await registerPublisher(client, "acme");
  const upload = await sign(await pack({ id: "acme/echo", version: "1.0.0" }), key.privateJwk);
  const { id: publicationId } = await client.publish(upload);
  await sql`truncate registry.blob_chunks`.execute(database.kysely());

  await assert.rejects(attempt(1, { publicationId }));
  assert.equal((await client.getPublication(publicationId)).status, "validating");
  await attempt(6, { publicationId });

  const { status, problems } = await client.getPublication(publicationId);
  assert.equal(status, "rejected");
  assert.deepEqual(
    problems.map(({ code }) => code),
    ["checks-not-completed"],
  );
});

test("a publication is decided once, however often and by however many it is validated", async (t) => {
  const { jobs, attempt } = manualJobs();
  const { client } = await startRegistry(t, { jobs });
  const { key } = await registerPublisher(client, "acme");
  const upload = await sign(await pack({ id: "acme/echo", version: "1.0.0" }), key.privateJwk);
  const { id: publicationId } = await client.publish(upload);

  await Promise.all([1, 1, 2, 2].map((number) => attempt(number, { publicationId })));
  await attempt(6, { publicationId });

  assert.equal((await client.getPublication(publicationId)).status, "published");
  const { seq } = await client.getVersion("acme/echo", "1.0.0");
  const entries = await client.getLog(0);
  assert.deepEqual(
    entries.filter(({ type }) => type === "release").map((entry) => entry.seq),
    [seq],
  );
});

/** How changes and triggers tell what came, once. */
import assert from "node:assert/strict";
import type { TestContext } from "node:test";
import type { Store } from "./store.ts";

export async function changes(t: TestContext, store: Store): Promise<void> {
  const { shopify, create } = store;

  await t.test("what changed and what was removed is told once, over pages", async () => {
    const [a, b, c] = [await create("A"), await create("B"), await create("C")];
    let cursor: string | null = null;
    const read = async () => {
      const told: string[] = [];
      for (let more: boolean | undefined = true; more; ) {
        const { changes, ...rest } = await shopify.entity("product", "changesSince", { cursor, limit: 2 });
        told.push(...changes.map(({ op, key }) => `${op} ${key}`));
        cursor = rest.cursor;
        more = rest.hasMore;
      }
      return told;
    };
    assert.deepEqual(await read(), [`upsert ${a.id}`, `upsert ${b.id}`, `upsert ${c.id}`]);
    assert.deepEqual(await read(), []);
    // In the second of the change that was told last: the order of events is not that of seconds.
    await shopify.entity("product", "update", { key: a.id, changes: { title: "A2" } });
    assert.deepEqual(await read(), [`upsert ${a.id}`]);
    assert.deepEqual(await read(), []);
    await shopify.entity("product", "update", { key: a.id, changes: { title: "A3" } });
    assert.deepEqual(await read(), [`upsert ${a.id}`], "what changed again in the very second");
    assert.deepEqual(await read(), []);
  });

  await t.test(
    "a trigger does not read what was there long before it was switched on, unless it is wanted",
    async () => {
      const old = await create("Old");
      store.now = Date.now();
      const recent = await create("Recent");
      const poll = async (args: object) =>
        (await shopify.poll("new-product", args)).items
          .map(({ key }) => key)
          .filter((key) => ids.includes(key));
      const ids = [old.id, recent.id];
      assert.deepEqual(await poll({ startAt: "now" }), [recent.id]);
      assert.deepEqual(await poll({ startAt: "beginning" }), ids);
      const { items, cursor } = await shopify.poll("new-order", { startAt: "now" });
      assert.deepEqual(items, []);
      assert.ok(
        JSON.parse(cursor ?? "").since > new Date(store.now - 3_600_000).toISOString(),
        "nor the next time",
      );
    },
  );

  await t.test("what is removed is told as removed", async () => {
    store.now = Date.now() + 60_000;
    const { id } = await create("Short-lived");
    let { cursor } = await shopify.entity("product", "changesSince", { cursor: null, limit: 250 });
    const read = async () => {
      const told: object[] = [];
      for (let more: boolean | undefined = true; more; ) {
        const { changes, ...rest } = await shopify.entity("product", "changesSince", { cursor, limit: 250 });
        told.push(...changes);
        cursor = rest.cursor;
        more = rest.hasMore;
      }
      return told;
    };
    assert.deepEqual(await read(), []);
    store.now += 60_000;
    await shopify.entity("product", "remove", { key: id });
    assert.deepEqual(await read(), [{ op: "remove", key: id }]);
    assert.deepEqual(await read(), []);
  });

  await t.test("a trigger finds what is new and what changed, each with a key of its own", async () => {
    let cursor: string | null = null;
    const poll = async (trigger: string) => {
      const keys: string[] = [];
      for (let more = true; more; ) {
        const found = await shopify.poll(trigger, { cursor });
        keys.push(...found.items.map(({ key }) => key));
        cursor = found.cursor;
        more = found.hasMore;
      }
      return keys;
    };
    const start = (await poll("new-product")).length;
    const { id } = await create("New");
    const found = await poll("new-product");
    assert.ok(start > 0 && found.includes(id) && found.length < start, "it goes on from where it had read");
    cursor = null;
    await poll("updated-product");
    store.now += 60_000;
    await shopify.run("update-product", { id, changes: { title: "Newer" } });
    const changed = await poll("updated-product");
    assert.ok(
      changed.some((key) =>
        key.startsWith(`${id}@${new Date(store.now).toISOString().replace(/\.\d+/, "")}`),
      ),
    );
    const watched = await shopify.trigger("updated-product");
    const told = async () => (await watched.poll()).map((item) => (item as { title: string }).title);
    // In one second: by the time of the change alone the second of them would be the first.
    await shopify.run("update-product", { id, changes: { title: "Newer still" } });
    assert.deepEqual(await told(), ["Newer still"]);
    await shopify.run("update-product", { id, changes: { title: "Newest" } });
    assert.deepEqual(await told(), ["Newest"]);
    assert.deepEqual(await told(), []);
    for (const trigger of ["new-order", "updated-order", "new-customer", "updated-customer"]) {
      cursor = null;
      assert.deepEqual(await poll(trigger), []);
    }
  });

  await t.test("what Shopify's search finds later than what came after it is told all the same", async () => {
    store.now += 600_000;
    const late = await create("Late");
    store.now += 30_000;
    const prompt = await create("Prompt");
    const changes = async (cursor: string | null) => {
      const told: string[] = [];
      for (let more: boolean | undefined = true; more; ) {
        const page = await shopify.entity("product", "changesSince", { cursor, limit: 250 });
        told.push(...page.changes.map(({ op, key }) => `${op} ${key}`));
        cursor = page.cursor;
        more = page.hasMore;
      }
      return { told, cursor };
    };
    store.unindexed = late.id;
    const watched = await shopify.trigger("new-product");
    const read = await changes(null);
    store.unindexed = undefined;
    assert.deepEqual(
      (await watched.poll()).map((item) => (item as { id: string }).id),
      [late.id],
    );
    assert.deepEqual(await watched.poll(), []);
    const then = await changes(read.cursor);
    assert.ok(read.told.includes(`upsert ${prompt.id}`));
    assert.deepEqual(then.told, [`upsert ${late.id}`], "and nothing else again");
    assert.deepEqual((await changes(then.cursor)).told, []);
  });
}

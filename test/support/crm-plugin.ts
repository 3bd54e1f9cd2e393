import type { EntityContribution } from "@plugboard/plugin-sdk/manifest";
import type { TestPlugin } from "./plugin.ts";

const text = { type: "string" };

const customer: EntityContribution = {
  title: "Customer",
  schema: {
    type: "object",
    properties: { id: text, email: text, seats: { type: "integer" }, updated: text, wrote: text },
    required: ["id", "email"],
    additionalProperties: false,
  },
  key: "id",
  updatedAt: "updated",
  input: {
    type: "object",
    properties: { email: { type: "string", minLength: 3 }, seats: { type: "integer" } },
    required: ["email"],
    additionalProperties: false,
  },
  filter: {
    type: "object",
    properties: { email: text, seats: { type: "integer" }, isNew: { type: "boolean" } },
    additionalProperties: false,
  },
  operations: ["list", "get", "create", "update", "upsert", "remove", "changesSince"],
};

/** Reads nothing but a fixed record, wrongly in more than one way. */
const broken: EntityContribution = {
  title: "Broken",
  schema: { type: "object", properties: { id: text }, required: ["id"], additionalProperties: false },
  key: "id",
  operations: ["list", "get", "changesSince"],
};

/** A plugin whose vendor is its own storage: `customer`, with all operations, and `broken`. */
export function crmPlugin(id: string): TestPlugin {
  const described = ({ operations: _, ...entity }: EntityContribution) => JSON.stringify(entity).slice(1, -1);
  return {
    id,
    permissions: { storage: { maxBytes: 1_000_000, reason: "Keep customers" } },
    actions: {
      writes: { run: `return await storage.get("writes") ?? 0;` },
      echo: { run: `await storage.set("echoes", (await storage.get("echoes") ?? 0) + 1); return input;` },
      echoes: { run: `return await storage.get("echoes") ?? 0;` },
    },
    offers: {
      contributes: { entities: { customer, broken } },
      code: `entities: {
        broken: {
          ${described(broken)},
          // Three, where two are asked for.
          list: ({ limit }) => ({ items: limit === 2 ? [{ id: "a" }, { id: "b" }, { id: "c" }] : [{ id: 1 }], nextCursor: null }),
          // Of 8,192 characters, each of which is three bytes.
          changesSince: ({ limit }) => limit === 2
            ? { changes: [..."abc"].map((key) => ({ op: "remove", key })), cursor: "c" }
            : { changes: [], cursor: "\u20ac".repeat(8192) },
          get({ key }) {
            if (key === "throws") throw Object.assign(new Error("Slow down."), { code: "rate-limited", retryAfterMs: 3000 });
            return { id: key, secret: "x" };
          },
        },
        customer: {
          ${described(customer)},
          async list({ cursor, limit, filter, updatedSince, storage }) {
            const { keys } = await storage.list({ prefix: "customer:", limit: 1000 });
            const all = [];
            for (const key of keys) all.push(await storage.get(key));
            const from = Number(cursor ?? 0);
            const found = all.filter((one) =>
              Object.entries(filter).every(([field, value]) => one[field] === value) && (updatedSince === null || one.updated > updatedSince));
            return { items: found.slice(from, from + limit), nextCursor: from + limit < found.length ? String(from + limit) : null };
          },
          async get({ key, storage }) {
            const found = await storage.get("customer:" + key);
            if (!found) throw Object.assign(new Error("There is no customer " + key + "."), { code: "not-found" });
            return found;
          },
          async write(id, fields, storage) {
            const writes = Number(await storage.get("writes") ?? 0) + 1;
            await storage.set("writes", writes);
            const record = { id, ...fields, updated: "2026-01-0" + writes + "T00:00:00Z" };
            await storage.set("customer:" + id, record);
            await this.tell("upsert", id, storage);
            return record;
          },
          async tell(op, key, storage) {
            await storage.set("feed", [...(await storage.get("feed") ?? []), { op, key }]);
          },
          async changesSince({ cursor, limit, storage }) {
            const feed = await storage.get("feed") ?? [];
            const from = Number(cursor?.split(":")[0] ?? 0);
            const until = Math.min(from + limit, feed.length);
            const changes = [];
            for (const { op, key } of feed.slice(from, until)) {
              const record = await storage.get("customer:" + key);
              changes.push({ op, key, ...(record && { record }) });
            }
            // As long as a cursor may be.
            return { changes, cursor: (until + ":").padEnd(8192, "x"), ...(until < feed.length && { hasMore: true }) };
          },
          async create({ record, idempotencyKey, storage }) {
            if (record.email === "fails@after.write") {
              await this.write("lost", record, storage);
              throw Object.assign(new Error("The vendor hung up."), { code: "vendor-unavailable" });
            }
            const refuse = () => { throw Object.assign(new Error("There is one."), { code: "invalid-input" }); };
            if (record.email === "refused@before.write" && !(await storage.get("isReady"))) refuse();
            const id = record.email.split("@")[0];
            if (record.email === "refused@after.write") refuse(await this.write(id, record, storage));
            return this.write(id, { ...record, wrote: idempotencyKey.slice(0, 5) }, storage);
          },
          async update({ key, changes, storage }) { return this.write(key, { ...(await this.get({ key, storage })), ...changes }, storage); },
          upsert({ key, record, storage }) { return this.write(key, record, storage); },
          async remove({ key, storage }) { await this.get({ key, storage }); await storage.delete("customer:" + key); await this.tell("remove", key, storage); },
        },
      },`,
    },
  };
}

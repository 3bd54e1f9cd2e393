import type { EntityContribution } from "@plugboard/plugin-sdk/manifest";
import { ledgerHost } from "./ledger-vendor.ts";
import type { TestPlugin } from "./plugin.ts";

const text = { type: "string" };

const note: EntityContribution = {
  title: "Note",
  schema: {
    type: "object",
    properties: { id: text, text: { type: "string", maxLength: 300_000 } },
    required: ["id", "text"],
    additionalProperties: false,
  },
  key: "id",
  input: {
    type: "object",
    properties: { text: { type: "string", minLength: 1, maxLength: 300_000 } },
    required: ["text"],
    additionalProperties: false,
  },
  operations: ["create", "update", "upsert", "remove"],
};

/** The same, of which three can be created, changed or deleted in one request. */
const entry: EntityContribution = {
  ...note,
  title: "Entry",
  batch: { most: 3, operations: ["create", "update", "remove"] },
};

/**
 * A connector to the ledger: entries are written many at once, notes one by one. What stands in a text may have it do more:
 * `spins first` and `spins then`, `fewer`, `more`, `twice`, `moved` and `misfit` results.
 */
export const ledgerPlugin: TestPlugin = {
  id: "acme/ledger",
  permissions: {
    network: [{ hosts: [ledgerHost], methods: ["GET", "POST", "PUT", "DELETE"], reason: "Keep the ledger" }],
  },
  actions: {
    echo: { run: "return input;" },
    write: {
      run: `const response = await fetch("https://${ledgerHost}/entries", { method: "POST", body: JSON.stringify({ text: input.text }) });
        const code = { 422: "invalid-input", 429: "rate-limited" }[response.status];
        if (code) throw Object.assign(new Error("Refused."), { code });
        if (input.text === "in use")
          throw Object.assign(new Error("In use."), { code: "rate-limited", retryAfterMs: 3_600_000 });
        return (await response.json()).id;`,
    },
    large: { run: `return "x".repeat(input.length);` },
  },
  offers: {
    contributes: { entities: { entry, note } },
    code: `...(() => {
      const at = "https://${ledgerHost}/entries";
      const spinAt = (text, when) => { if (text === "spins " + when) for (;;) {} };
      async function send(fetch, url, method, body, key) {
        const headers = { "content-type": "application/json", ...(key && { "idempotency-key": key }) };
        const response = await fetch(url, { method, headers, ...(body && { body: JSON.stringify(body) }) });
        const answer = await response.json();
        const code = { 404: "not-found", 422: "invalid-input", 429: "rate-limited" }[response.status];
        if (code) throw Object.assign(new Error(answer.message ?? "There is none."), { code });
        return answer;
      }
      const one = (key) => at + "/" + encodeURIComponent(key);
      const note = {
        ...${JSON.stringify(note)},
        create: ({ record, fetch, idempotencyKey }) => { spinAt(record.text, "first"); return send(fetch, at, "POST", record, idempotencyKey); },
        update: ({ key, changes, fetch, idempotencyKey }) => send(fetch, one(key), "PUT", changes, idempotencyKey),
        upsert: ({ key, record, fetch, idempotencyKey }) => send(fetch, one(key), "PUT", record, idempotencyKey),
        remove: async ({ key, fetch }) => { await send(fetch, one(key), "DELETE"); },
      };
      const read = ({ entry, error }) => entry ? { key: entry.id, record: entry } : { error: { code: "invalid-input", message: error } };
      const batch = {
        most: 3,
        async create({ writes, fetch }) {
          const texts = writes.map(({ record }) => record.text);
          for (const text of texts) spinAt(text, "first");
          const { results } = await send(fetch, at + "/batch", "POST", writes.map(({ record }) => record));
          for (const text of texts) spinAt(text, "then");
          const all = results.map(read);
          if (texts.includes("fewer")) return all.slice(1);
          if (texts.includes("more")) return [...all, all[0]];
          if (texts.includes("twice")) return all.map(() => all[0]);
          return all.map((one, index) => texts[index] === "misfit" ? { key: one.key, record: { id: one.key, note: 1 } } : one);
        },
        async update({ writes, fetch }) {
          const { results } = await send(fetch, at + "/batch", "POST", writes.map(({ key, changes }) => ({ id: key, ...changes })));
          const all = results.map(read);
          return writes.some(({ changes }) => changes.text === "moved") ? all.toReversed() : all;
        },
        remove: async ({ writes, fetch }) => {
          const results = [];
          for (const { key } of writes)
            results.push(await send(fetch, one(key), "DELETE").then(() => ({ key }), ({ code, message }) => ({ error: { code, message } })));
          return results;
        },
      };
      const { batch: _, ...described } = ${JSON.stringify(entry)};
      return { entities: { entry: { ...note, ...described, batch }, note } };
    })(),`,
  },
};

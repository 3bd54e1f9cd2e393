import assert from "node:assert/strict";
import { readFile, writeFile } from "node:fs/promises";
import { join } from "node:path";
import { test } from "node:test";
import { createAuthor, manifestWith } from "./author.ts";

const code = `
import { action, definePlugin, entity, trigger, Type } from "@plugboard/plugin-sdk";
const Lamp = Type.Object({ id: Type.String(), watts: Type.Number({ minimum: 0, description: "What it draws" }) });
export default definePlugin({
  actions: {
    blink: action({ title: "Blink", description: "On and off.",
      input: Type.Object({ times: Type.Integer({ maximum: 9 }), how: Type.Optional(Type.Enum(["fast", "slow"])) }),
      output: Type.Object({ lamps: Type.Array(Lamp) }), run: () => ({ lamps: [] }) }),
  },
  triggers: {
    burned: trigger({ title: "A lamp burned out", kind: "polling", intervalSeconds: 60, output: Lamp,
      dedupeKey: ({ id }) => id, poll: () => ({ items: [], cursor: null }) }),
  },
  entities: { lamp: entity({ title: "Lamp", schema: Lamp, key: "id", get: () => ({ id: "1", watts: 2 }) }) },
});
`;

test("listing and reference are made from the plugin, and told stale by their line", async (t) => {
  const author = await createAuthor(t);
  await author.write({ "plugin.json": manifestWith(), "index.ts": code });

  const missing = await author.run(["docs", "--check"]);
  assert.equal(missing.code, 1);
  assert.match(missing.stderr, /docs\/reference\.md is not there\. Run "plugboard docs"/);

  assert.equal((await author.run(["docs"])).code, 0);
  const reference = await readFile(join(author.folder, "docs", "reference.md"), "utf8");
  for (const line of [
    "| network | `GET api.example.com` | Reach the lamps |",
    "Blink. On and off.",
    "| `times` | integer | yes | up to 9 |",
    '| `how` | `"fast"` or `"slow"` | no |  |',
    "| `lamps[].watts` | number | yes | What it draws; from 0 |",
    "Asks every 60 seconds.",
    "Key: `id`. Operations: `get`.",
  ])
    assert.ok(reference.split("\n").includes(line), `${line}\n\n${reference}`);
  const listing = await readFile(join(author.folder, "docs", "listing.md"), "utf8");
  assert.match(listing, /^\| trigger \| `burned` \| A lamp burned out \|$/m);
  assert.equal((await author.run(["docs", "--check"])).code, 0);

  await writeFile(join(author.folder, "index.ts"), code.replace("On and off.", "Thrice."));
  const stale = await author.run(["docs", "--check", "--json"]);
  assert.equal(stale.code, 1);
  const line = reference.split("\n").indexOf("Blink. On and off.") + 1;
  assert.deepEqual(
    stale.json().error.problems.map((one: { file: string; line: number }) => [one.file, one.line]),
    [["docs/reference.md", line]],
  );
});

/** What authors see as they hover: every name that they can import says what it is, and what they call shows how. */
import assert from "node:assert/strict";
import { readFile } from "node:fs/promises";
import { test } from "node:test";
import { sdkReference } from "../../../scripts/sdk-reference.ts";
import { readExports } from "../../scripts/exports.ts";

/** Errors by name are all used alike, and their base class shows how. */
const shownElsewhere = /Error$/;

for (const entry of ["index.ts", "testing/index.ts"])
  test(`all that ${entry} exports is documented, and what is called has an example`, async () => {
    const all = await readExports(entry);
    assert.ok(all.length > 10, `${all.length} names`);
    const silent = all.filter(({ comment }) => comment === "");
    const unshown = all.filter(
      ({ name, isValue, comment }) => isValue && !comment.includes("@example") && !shownElsewhere.test(name),
    );
    const place = ({ name, file }: { name: string; file: string }) => `${name} of ${file}`;
    assert.deepEqual(silent.map(place), [], "they say nothing of themselves");
    assert.deepEqual(unshown.map(place), [], "they have no @example");
  });

test("docs/sdk-reference.md is what the sources say", async () => {
  const written = await readFile(new URL("../../../docs/sdk-reference.md", import.meta.url), "utf8");
  assert.equal(written, await sdkReference(), "Run `npm run docs`.");
});

import assert from "node:assert/strict";
import { readFile } from "node:fs/promises";
import { test } from "node:test";
import { hookPoints } from "@plugboard/plugin-sdk/manifest";

test("the guide for authors lists every hook with the time that it has", async () => {
  const guide = await readFile(new URL("../../../docs/plugin-authoring.md", import.meta.url), "utf8");
  const rows = [...guide.matchAll(/^\| `([\w.]+)` \| `\{.*\| (\d+) s \|$/gm)];
  assert.deepEqual(
    Object.fromEntries(rows.map(([, name = "", seconds]) => [name, Number(seconds) * 1_000])),
    Object.fromEntries(Object.entries(hookPoints).map(([name, { timeoutMs }]) => [name, timeoutMs])),
  );
});

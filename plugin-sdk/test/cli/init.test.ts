import assert from "node:assert/strict";
import { readFile } from "node:fs/promises";
import { join } from "node:path";
import { test } from "node:test";
import { createAuthor } from "./author.ts";

test("init makes a plugin that builds as it is, in less than 30 kB", async (t) => {
  const author = await createAuthor(t);

  const made = await author.run(["init", "acme/weather-alerts", "--api-host", "api.weather.test", "--json"]);
  assert.equal(made.code, 0, made.stderr);
  const built = await author.run(["build", "weather-alerts", "--json"]);
  assert.equal(built.code, 0, built.stderr);

  assert.ok(made.json().files.includes("test/items.test.ts"));
  assert.ok(made.json().files.includes(".gitignore"));
  assert.equal(built.json().id, "acme/weather-alerts");
  assert.deepEqual(Object.keys(built.json().contributes.actions), ["create-item", "get-item"]);
  assert.ok(built.json().codeSize < 30_000, `${built.json().codeSize} bytes`);
  const manifest = JSON.parse(await readFile(join(author.folder, "weather-alerts", "plugin.json"), "utf8"));
  assert.equal(manifest.displayName, "Weather alerts");
  assert.deepEqual(manifest.permissions.network[0].hosts, ["api.weather.test"]);
  assert.match(
    await readFile(join(author.folder, "weather-alerts", "README.md"), "utf8"),
    /^# Weather alerts\n/,
  );
});

test("a new plugin depends on the SDK as the folder around it does", async (t) => {
  const author = await createAuthor(t);
  const specOf = async (folder: string) =>
    JSON.parse(await readFile(join(author.folder, folder, "package.json"), "utf8")).devDependencies[
      "@plugboard/plugin-sdk"
    ];

  await author.run(["init", "acme/one"]);
  await author.write({ "package.json": { dependencies: { "@plugboard/plugin-sdk": "file:../sdk.tgz" } } });
  await author.run(["init", "acme/two"]);
  await author.run(["init", "acme/three", "--sdk", "1.2.3"]);

  assert.match(await specOf("one"), /^\^\d+\.\d+\.\d+$/);
  assert.equal(await specOf("two"), `file:${join(author.folder, "..", "sdk.tgz")}`);
  assert.equal(await specOf("three"), "1.2.3");
});

test("init asks for a publisher, a proper name and an empty folder", async (t) => {
  const author = await createAuthor(t);
  const fails = async (args: string[], code: number, message: RegExp) => {
    const outcome = await author.run(["init", ...args]);
    assert.match(outcome.stderr, message);
    assert.equal(outcome.code, code);
  };

  await fails(["weather"], 2, /Say who publishes the plugin/);
  await fails(["Acme/weather"], 2, /"Acme" is not a publisher's name/);
  await fails(["acme/Weather"], 2, /"Weather" is not a plugin's name/);
  await fails(["acme/weather", "--api-host", "https://x"], 2, /"https:\/\/x" is not a host/);
  await fails(["acme/weather", "--template", "cobol"], 2, /Allowed choices are rest-api-key/);
  await author.write({ "weather/file.txt": "mine" });
  await fails(["acme/weather"], 1, /is not empty/);
});

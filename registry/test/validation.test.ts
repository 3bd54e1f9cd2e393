import assert from "node:assert/strict";
import { test } from "node:test";
import { echoContributes } from "./support/plugins.ts";
import { registerPublisher, startRegistry } from "./support/registry.ts";

test("code that does not load in the sandbox is rejected, and why is said", async (t) => {
  // Where registries load it unless told otherwise.
  const { client } = await startRegistry(t, { scanIsolation: undefined });
  const acme = await registerPublisher(client, "acme");
  const codes = [
    "throw new Error('not today')",
    "syntax error here(",
    "require('node:fs')",
    "while (true) {}",
    // V8 ends the process that this runs in.
    "'x'.repeat(2 ** 29 - 100).split('')",
  ];

  for (const code of codes) {
    const { status, problems } = await acme.publish({ name: "echo", version: "1.0.0", code });
    assert.equal(status, "rejected", code);
    assert.deepEqual(
      problems.map(({ pointer }) => pointer),
      ["/main"],
      code,
    );
  }
});

test("a manifest that describes other actions than the code has is rejected", async (t) => {
  const { client } = await startRegistry(t);
  const acme = await registerPublisher(client, "acme");
  const { echo } = echoContributes.actions;
  const contributes = { actions: { echo: { ...echo, title: "Repeat" }, shout: echo } };

  const { status, problems } = await acme.publish({
    name: "echo",
    version: "1.0.0",
    manifest: { contributes },
  });

  assert.equal(status, "rejected");
  assert.deepEqual(
    problems.map(({ code, pointer }) => [code, pointer]),
    [
      ["contributes-mismatch", "/contributes/actions/echo"],
      ["contributes-mismatch", "/contributes/actions/shout"],
    ],
  );
});

test("everything that is wrong is reported at once", async (t) => {
  const { client } = await startRegistry(t);
  const acme = await registerPublisher(client, "acme");

  const { status, problems } = await acme.publish({
    name: "echo",
    version: "1.0.0",
    manifest: { engines: { plugboard: "^2.0.0" }, contributes: {} },
  });

  assert.equal(status, "rejected");
  assert.deepEqual(
    problems.map(({ pointer }) => pointer),
    ["/engines/plugboard", "/contributes/actions/echo"],
  );
});

test("a publication that does not exist is not found", async (t) => {
  const { url } = await startRegistry(t);

  const response = await fetch(`${url}/registry/v1/publications/pub_${"0".repeat(32)}`);

  assert.equal(response.status, 404);
  assert.equal(((await response.json()) as { code: string }).code, "publication-not-found");
});

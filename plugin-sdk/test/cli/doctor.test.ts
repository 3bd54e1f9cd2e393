import assert from "node:assert/strict";
import { test } from "node:test";
import { exitCodes } from "../../cli/index.ts";
import { createAuthor } from "./author.ts";
import { startRegistry } from "./local-registry.ts";

type Checks = { name: string; status: string; found: string; advice?: string }[];
const statusOf = (checks: Checks) => Object.fromEntries(checks.map(({ name, status }) => [name, status]));

test("doctor looks at the machine, and leaves out what is not set up", async (t) => {
  const author = await createAuthor(t);
  const outcome = await author.run(["doctor", "--json"]);
  assert.equal(outcome.code, 0, outcome.stdout);
  assert.deepEqual(statusOf(outcome.json().checks), {
    node: "ok",
    sandbox: "ok",
    bundler: "ok",
    disk: "ok",
    "temporary folder": "ok",
    profile: "skipped",
    keys: "skipped",
    registry: "skipped",
    clock: "skipped",
    account: "skipped",
    "keys at the registry": "skipped",
    host: "skipped",
  });
});

test("doctor finds what is wrong, and says what to do about each", async (t) => {
  const author = await createAuthor(t);
  await author.run(["keys", "create", "acme", "--no-passphrase"]);
  const root = { status: 200, body: { version: 1, signatures: ["a.b.c"] } };
  const registry = await startRegistry(t, {
    "GET /registry/v1/root": [{ ...root, headers: { Date: "Sun, 01 Jan 2023 00:00:00 GMT" } }],
    "GET /registry/v1/publishers/acme": [
      { status: 200, body: { publisher: "acme", verified: false, keys: ["another"] } },
    ],
    "GET /registry/v1/account": [{ status: 401, body: { code: "unauthorized", detail: "No." } }],
  });

  const outcome = await author.run(["doctor", "--json", "--registry", registry.url], {
    PLUGBOARD_ACCOUNT_TOKEN: "pba_0123456789abcdefghijklmnopqrstuvwxyz",
    PLUGBOARD_HOST_URL: registry.url,
  });

  const { error } = outcome.json();
  assert.deepEqual([outcome.code, error.code], [exitCodes.failed, "unhealthy"]);
  const { profile, keys, registry: answers, clock, account, host, ...rest } = statusOf(error.checks);
  assert.deepEqual(
    { profile, keys, answers, clock, account, host, known: rest["keys at the registry"] },
    {
      profile: "ok",
      keys: "warning",
      answers: "ok",
      clock: "failed",
      account: "failed",
      host: "failed",
      known: "warning",
    },
  );
  for (const { status, name, advice } of error.checks as Checks)
    assert.equal(advice !== undefined, status === "failed" || status === "warning", name);
  assert.match(error.message, /clock: goes \d+ s before the registry's/);
});

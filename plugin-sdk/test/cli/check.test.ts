import assert from "node:assert/strict";
import { test } from "node:test";
import { createAuthor, manifestWith, pluginSaying } from "./author.ts";

const inOrder = {
  "plugin.json": manifestWith(),
  "index.ts": pluginSaying("await (await fetch('https://api.example.com/')).json()").replace(
    "run()",
    "run({ fetch })",
  ),
  "README.md": "# Lamp\n",
  LICENSE: "MIT\n",
};

/** At whose server the host itself asks for tokens; the code never names it. */
const signIn = {
  permissions: {
    network: [
      { hosts: ["api.example.com"], methods: ["GET"], reason: "Reach the lamps" },
      { hosts: ["login.example.org"], methods: ["GET", "POST"], reason: "Let you sign in" },
    ],
  },
  auth: [
    {
      type: "oauth2",
      grant: "authorization_code",
      authorizationUrl: "https://login.example.org/authorize",
      tokenUrl: "https://login.example.org/token",
    },
  ],
};

test("a plugin in order passes, with nothing to warn of", async (t) => {
  const author = await createAuthor(t);
  await author.write({ ...inOrder, "plugin.json": manifestWith(signIn) });
  const outcome = await author.run(["check", "--json"]);
  assert.equal(outcome.code, 0, outcome.stdout);
  assert.deepEqual(outcome.json(), { id: "acme/lamp", version: "1.0.0", problems: [], warnings: [] });
});

test("what is wrong in the manifest, in the code and in other files is told at once, by file and line", async (t) => {
  const author = await createAuthor(t);
  await author.write({
    ...inOrder,
    "plugin.json": manifestWith({ version: "1" }),
    "index.ts": pluginSaying("(await fetch('https://elsewhere.example.org/')).status")
      .replace("run()", "run({ fetch })")
      .replace("actions: { blink }", "actions: { Blink: blink }"),
    "README.md": "# Lamp\n\nghp_aB3dE5fG7hI9jK1lM3nO5pQ7rS9tU1vW3xYz\n",
    "icon.png": "no picture",
  });

  const outcome = await author.run(["check", "--json"]);

  assert.equal(outcome.code, 1);
  const { code, problems } = outcome.json().error;
  assert.equal(code, "check-failed");
  assert.deepEqual(
    problems.map((one: { code: string; file: string; line?: number }) => [one.code, one.file, one.line]),
    [
      ["version-invalid", "plugin.json", 3],
      ["wrong-format", "index.ts", 12],
      ["host-undeclared", "index.ts", 9],
      ["listing-file", "icon.png", undefined],
      ["secret-found", "README.md", 3],
    ].toSorted((a, b) => order(a) - order(b)),
  );
});

/** Of the files as they come up. */
const order = ([, file, line = 0]: (string | number | undefined)[]): number =>
  ["plugin.json", "index.ts", "icon.png", "README.md"].indexOf(String(file)) * 100 + Number(line);

test("warnings are told, and hinder only those who want them to", async (t) => {
  const author = await createAuthor(t);
  await author.write({ ...inOrder, "Readme.markdown": "Lost", "README.md": "# Lamp\n" });
  const lenient = await author.run(["check"]);
  assert.equal(lenient.code, 0);
  assert.match(lenient.stderr, /^warning: Readme\.markdown: .* is not taken into the package/m);
  const strict = await author.run(["check", "--strict"]);
  assert.equal(strict.code, 1);
  assert.match(strict.stderr, /^error: 1 problem found\.\n {2}Readme\.markdown: /m);
});

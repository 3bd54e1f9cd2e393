import assert from "node:assert/strict";
import { describe, it } from "node:test";
import { places, problemsWith } from "../example-manifest.ts";

describe("id", () => {
  it("is publisher/name in lower case", () => {
    for (const id of ["acme/shop", "a1/b", "acme-inc/my-shop-2"])
      assert.deepEqual(problemsWith({ id }), [], id);
    for (const id of [
      "acme",
      "acme/",
      "/shop",
      "Acme/shop",
      "a/shop",
      "acme/shop/x",
      "acme/1",
      "acme/shop ",
      "acme/shöp",
      "-a/b",
      "acme/sh_op",
      `${"a".repeat(40)}/x`,
      `acme/${"x".repeat(65)}`,
    ]) {
      assert.deepEqual(places(problemsWith({ id })), ["wrong-format /id"], id);
    }
  });
});

describe("version", () => {
  it("is a semantic version in its only spelling", () => {
    for (const version of ["0.0.1", "1.0.0-beta.1", "10.20.30"])
      assert.deepEqual(problemsWith({ version }), []);
    for (const version of [
      "1",
      "1.0",
      "v1.0.0",
      "=1.0.0",
      " 1.0.0",
      "1.0.0 ",
      "01.0.0",
      "1.0.0+build",
      "1.0.0-01",
      "latest",
      "1.0.0\n",
    ]) {
      assert.deepEqual(places(problemsWith({ version })), ["version-invalid /version"], version);
    }
  });
});

describe("engines", () => {
  it("has a range that says something", () => {
    for (const plugboard of ["^1.0.0", ">=1 <3", "1.x", "*"])
      assert.deepEqual(problemsWith({ engines: { plugboard } }), []);
    for (const plugboard of ["", " ", "latest", "^^1", "1.0.0.0"]) {
      assert.deepEqual(places(problemsWith({ engines: { plugboard } })), [
        "engines-invalid /engines/plugboard",
      ]);
    }
  });
});

describe("main", () => {
  it("is a script inside the package", () => {
    for (const main of ["plugin.js", "dist/plugin.js", "a/b-c_d.cjs"])
      assert.deepEqual(problemsWith({ main }), []);
    for (const main of [
      "/plugin.js",
      "../plugin.js",
      "dist/../../x.js",
      "./x.js",
      "dist//x.js",
      "c:\\x.js",
      "a b.js",
      "ä.js",
      "x\0.js",
    ]) {
      assert.deepEqual(places(problemsWith({ main })), ["main-invalid /main"], main);
    }
    assert.deepEqual(places(problemsWith({ main: "plugin.ts" })), ["wrong-format /main"]);
  });
});

describe("texts that people read", () => {
  it("are on one line where they are shown as one: no reason writes an entry of the list that it stands in", () => {
    const text = "Read)\nnetwork: none (none";
    const permissions = {
      network: [{ hosts: ["api.acme.com"], methods: ["GET"], reason: text }],
      storage: { maxBytes: 1, reason: text },
      events: { publish: ["a.b"], reason: text },
    };
    const problems = problemsWith({
      displayName: text,
      description: text,
      keywords: [text],
      license: text,
      permissions,
      auth: [{ type: "bearer", title: text }],
      contributes: {
        actions: { act: { title: text, description: text, input: { type: "object" }, output: {} } },
      },
    });
    assert.deepEqual(places(problems), [
      "text-multiline /displayName",
      "text-multiline /license",
      "text-multiline /keywords/0",
      "text-multiline /permissions/network/0/reason",
      "text-multiline /permissions/storage/reason",
      "text-multiline /permissions/events/reason",
      "text-multiline /auth/0/title",
      "text-multiline /contributes/actions/act/title",
    ]);
  });

  it("have no controls, bidirectional overrides or invisible characters", () => {
    assert.deepEqual(problemsWith({ description: "Zwölf Boxkämpfer\n日本語 🎉" }), []);
    for (const character of [
      "\u0000",
      "\u001b[31m",
      "\t",
      "\r",
      "\u202e",
      "\u2066",
      "\u200b",
      "\u200e",
      "\ufeff",
      "\u{e0041}",
    ]) {
      const text = `Pay ${character}pal`;
      const problems = problemsWith({
        displayName: text,
        description: text,
        keywords: [text],
        license: text,
        permissions: {
          network: [{ hosts: ["api.acme.com"], methods: ["GET"], reason: text }],
          storage: { maxBytes: 1, reason: text },
        },
        auth: [{ type: "bearer", title: text }],
        contributes: {
          actions: { act: { title: text, description: text, input: { type: "object" }, output: {} } },
        },
      });
      assert.deepEqual(places(problems), [
        "text-deceptive /displayName",
        "text-deceptive /license",
        "text-deceptive /keywords/0",
        "text-deceptive /permissions/network/0/reason",
        "text-deceptive /permissions/storage/reason",
        "text-deceptive /auth/0/title",
        "text-deceptive /contributes/actions/act/title",
        "text-deceptive /description",
        "text-deceptive /contributes/actions/act/description",
      ]);
    }
  });
});

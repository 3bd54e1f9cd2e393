import assert from "node:assert/strict";
import { describe, it } from "node:test";
import { contributedHooks, type Problem } from "@plugboard/plugin-sdk/manifest";
import { places, problemsWith } from "../example-manifest.ts";

function problemsOfSignature(signature: unknown): string[] {
  return places(problemsWith({ webhooks: { signature } }));
}

describe("webhooks", () => {
  it("cannot go without a signature scheme", () => {
    assert.deepEqual(places(problemsWith({ webhooks: {} })), ["missing /webhooks/signature"]);
    assert.deepEqual(problemsOfSignature({ scheme: "none" }), ["not-allowed /webhooks/signature/scheme"]);
    assert.deepEqual(problemsOfSignature({ scheme: "stripe", optional: true }), [
      "unknown-field /webhooks/signature/optional",
    ]);
  });

  it("may use any of the known schemes", () => {
    for (const scheme of ["stripe", "shopify", "github", "slack", "standard", "secret-path"]) {
      assert.deepEqual(problemsOfSignature({ scheme }), []);
    }
  });

  it("sign the body, if they declare their own HMAC", () => {
    const hmac = { scheme: "hmac", header: "X-Signature", algorithm: "sha256", encoding: "hex" };
    assert.deepEqual(problemsOfSignature(hmac), []);
    assert.deepEqual(
      problemsOfSignature({ ...hmac, template: "{header:x-timestamp}.{body}", prefix: "sha256=" }),
      [],
    );
    for (const template of [
      "constant",
      "{header:x-timestamp}",
      "{body}{body}",
      "{body}{path}",
      "{body",
      "{body}}",
      "{header:}{body}",
    ]) {
      assert.deepEqual(
        problemsOfSignature({ ...hmac, template }),
        ["webhook-template-invalid /webhooks/signature/template"],
        template,
      );
    }
    assert.deepEqual(problemsOfSignature({ ...hmac, algorithm: "md5" }), [
      "not-allowed /webhooks/signature/algorithm",
    ]);
  });

  it("find the event's id and type by a pointer or a header", () => {
    const signature = { scheme: "stripe" };
    for (const eventId of ["/id", "/data/0/a~1b", "header:X-Event-Id"]) {
      assert.deepEqual(problemsWith({ webhooks: { signature, eventId } }), []);
    }
    for (const eventId of ["id", "", "/a~2", "header:", "header:a b", "$.id"]) {
      assert.deepEqual(
        places(problemsWith({ webhooks: { signature, eventId } })),
        ["wrong-format /webhooks/eventId"],
        eventId,
      );
    }
  });
});

describe("hooks", () => {
  const contributes = { hooks: [{ name: "record.beforeWrite" }] };

  it("are known by name, and a misspelt one is told with the one that was meant", () => {
    const permissions = { hooks: { names: ["record.beforeLunch"], reason: "x" } };
    const [granted] = problemsWith({ permissions, auth: undefined, contributes: undefined });
    assert.deepEqual(places([granted as Problem]), ["not-allowed /permissions/hooks/names/0"]);
    assert.match(granted?.message ?? "", /"action\.beforeRun", "action\.afterRun", "record\.beforeWrite"/);
    assert.match(granted?.message ?? "", /Did you mean "record\.beforeWrite"\?/);
    for (const hook of ["instal", { name: "instal" }]) {
      const [built] = problemsWith({ contributes: { hooks: [...contributes.hooks, hook] } });
      assert.match(built?.pointer ?? "", /^\/contributes\/hooks\/1/);
      assert.match(built?.message ?? "", /Did you mean "install"\?/);
    }
    const [far] = problemsWith({ contributes: { hooks: [...contributes.hooks, "lunch"] } });
    assert.equal(far?.code, "not-allowed");
    assert.doesNotMatch(far?.message ?? "", /Did you mean/);
  });

  it("that see what others do need a permission, a plugin's own lifecycle needs none", () => {
    const hooks = ["install", "upgrade", "uninstall", ...contributes.hooks];
    assert.deepEqual(places(problemsWith({ permissions: {}, auth: undefined, contributes: { hooks } })), [
      "hook-not-declared /contributes/hooks/3",
    ]);
    assert.deepEqual(problemsWith({ contributes: { hooks } }), []);
    const permissions = { hooks: { names: ["install"], reason: "x" } };
    const [lifecycle] = problemsWith({ permissions, auth: undefined, contributes: undefined });
    assert.match(lifecycle?.message ?? "", /install, upgrade and uninstall need no permission/);
  });

  it("are asked for only when the code has them", () => {
    const permissions = { hooks: { names: ["action.afterRun", "record.beforeWrite"], reason: "x" } };
    const base = { permissions, auth: undefined };
    assert.deepEqual(places(problemsWith({ ...base, contributes })), [
      "hook-not-used /permissions/hooks/names/0",
    ]);
    assert.deepEqual(places(problemsWith({ ...base, contributes: {} })), [
      "hook-not-used /permissions/hooks/names/0",
      "hook-not-used /permissions/hooks/names/1",
    ]);
    assert.deepEqual(problemsWith({ ...base, contributes: undefined }), []);
  });

  it("may say their order, once each", () => {
    const hooks = [{ name: "record.beforeWrite", order: "early" }];
    assert.deepEqual(problemsWith({ contributes: { hooks } }), []);
    assert.deepEqual(places(problemsWith({ contributes: { hooks: [...hooks, "record.beforeWrite"] } })), [
      "duplicate-item /contributes/hooks/1",
    ]);
    assert.deepEqual(
      places(
        problemsWith({ contributes: { hooks: [{ name: "record.beforeWrite", order: 1, when: "now" }] } }),
      ),
      ["unknown-field /contributes/hooks/0/when", "not-allowed /contributes/hooks/0/order"],
    );
  });

  it("are read the same from both forms", () => {
    const hooks = ["install", { name: "upgrade" }, { name: "action.afterRun", order: "late" as const }];
    assert.deepEqual(contributedHooks({ contributes: { hooks } }), [
      { name: "install", order: "normal" },
      { name: "upgrade", order: "normal" },
      { name: "action.afterRun", order: "late" },
    ]);
    assert.deepEqual(contributedHooks({}), []);
  });
});

describe("storage and events", () => {
  it("have bounds and names", () => {
    const permissions = {
      storage: { maxBytes: 64 * 1024 * 1024 + 1, reason: "x" },
      events: {
        publish: ["*", "Payment.x", "a..b", "a.*.b"],
        subscribe: ["payment.*", "payment.refund.created"],
        reason: "x",
      },
    };
    assert.deepEqual(places(problemsWith({ permissions, auth: undefined, contributes: undefined })), [
      "too-large /permissions/storage/maxBytes",
      "wrong-format /permissions/events/publish/0",
      "wrong-format /permissions/events/publish/1",
      "wrong-format /permissions/events/publish/2",
      "wrong-format /permissions/events/publish/3",
    ]);
  });

  it("of the host are not published by plugins, but may be listened to", () => {
    const problemsOf = (events: object) =>
      places(
        problemsWith({
          permissions: { events: { ...events, reason: "x" } },
          auth: undefined,
          contributes: undefined,
        }),
      );
    assert.deepEqual(problemsOf({ publish: ["plugboard.*", "plugboards.sold", "plugboard"] }), [
      "event-reserved /permissions/events/publish/0",
      "event-reserved /permissions/events/publish/2",
    ]);
    assert.deepEqual(problemsOf({ subscribe: ["plugboard.install.*"] }), []);
  });
});

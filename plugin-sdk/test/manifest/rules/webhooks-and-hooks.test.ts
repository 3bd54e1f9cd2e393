import assert from "node:assert/strict";
import { describe, it } from "node:test";
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
  it("are known by name", () => {
    const permissions = { hooks: { names: ["record.beforeLunch"], reason: "x" } };
    assert.deepEqual(places(problemsWith({ permissions, auth: undefined, contributes: undefined })), [
      "not-allowed /permissions/hooks/names/0",
    ]);
    assert.deepEqual(places(problemsWith({ contributes: { hooks: ["lunch"] } })), [
      "not-allowed /contributes/hooks/0",
    ]);
  });

  it("that see records need a permission, a plugin's own lifecycle needs none", () => {
    const contributes = { hooks: ["install", "upgrade", "uninstall", "record.beforeWrite"] };
    assert.deepEqual(places(problemsWith({ permissions: {}, auth: undefined, contributes })), [
      "hook-not-declared /contributes/hooks/3",
    ]);
    assert.deepEqual(problemsWith({ contributes }), []);
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
});

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

  it("are acknowledged with a short text of a type that is no page", () => {
    const problemsOf = (acknowledge: object) =>
      places(problemsWith({ webhooks: { signature: { scheme: "stripe" }, acknowledge } }));
    const xml = { contentType: "text/xml", body: "<response><ack>true</ack></response>\n" };
    assert.deepEqual(problemsOf(xml), []);
    assert.deepEqual(problemsOf({ contentType: "application/json", body: '{"ok":true}', status: 202 }), []);
    assert.deepEqual(problemsOf({ contentType: "application/json", body: "{ok}" }), [
      "webhook-acknowledge-invalid /webhooks/acknowledge/body",
    ]);
    const soap = "http://schemas.xmlsoap.org/soap/envelope/";
    const allowed = [`<s:Envelope xmlns:s="${soap}" xmlns:i="http://www.w3.org/2001/XMLSchema-instance"/>`];
    for (const body of [...allowed, ...allowed.map((one) => `<?xml version="1.0" encoding="UTF-8"?>${one}`)])
      assert.deepEqual(problemsOf({ ...xml, body }), [], body);
    for (const body of [
      '<html xmlns="http://www.w3.org/1999/xhtml"><script>alert(1)</script></html>',
      "<a><s:script xmlns:s='http://www.w3.org/2000/svg'>alert(1)</s:script></a>",
      '<html xmlns="http://www.w3.&#111;rg/1999/xhtml"/>',
      '<!DOCTYPE a [<!ENTITY x "http://www.w3.org/1999/xhtml">]><html xmlns="&x;"/>',
      '<?xml version="1.0"?><?xml-stylesheet href="https://evil.example/a.xsl"?><a/>',
      '<?xml version="1.0" encoding="utf-7"?><a/>',
    ])
      assert.deepEqual(
        problemsOf({ contentType: "application/xml", body }),
        ["webhook-acknowledge-invalid /webhooks/acknowledge/body"],
        body,
      );
    assert.deepEqual(problemsOf({ ...xml, body: "a\u0000b" }), ["text-deceptive /webhooks/acknowledge/body"]);
    assert.deepEqual(problemsOf({ ...xml, body: "x".repeat(2_001) }), [
      "too-long /webhooks/acknowledge/body",
    ]);
    assert.deepEqual(problemsOf({ contentType: "text/html", body: "x", status: 302, headers: {} }), [
      "unknown-field /webhooks/acknowledge/headers",
      "not-allowed /webhooks/acknowledge/contentType",
      "not-allowed /webhooks/acknowledge/status",
    ]);
  });

  it("have handshakes that prove what they say", () => {
    const asked = { method: "POST", challenge: "/challenge", proof: "signature", reply: { type: "text" } };
    const signature = { scheme: "slack" };
    const problemsOf = (handshake: object, by: object = signature) =>
      places(problemsWith({ webhooks: { signature: by, handshake: { ...asked, ...handshake } } })).map(
        (place) => place.replace("webhook-handshake-invalid /webhooks/handshake", ""),
      );
    assert.deepEqual(problemsOf({}), []);
    assert.deepEqual(problemsOf({ proof: "any" }), ["not-allowed /webhooks/handshake/proof"]);
    assert.deepEqual(problemsOf({}, { scheme: "secret-path" }), ["/proof"]);
    assert.deepEqual(problemsOf({ method: "GET", proof: "none" }), ["/challenge"]);
    assert.deepEqual(problemsOf({ method: "GET" }), ["/challenge", "/proof"]);
    assert.deepEqual(problemsOf({ challenge: "query:challenge" }), ["/challenge"]);
    assert.deepEqual(problemsOf({ when: { at: "header:x-type", equals: "a" } }), ["/when/at"]);
    assert.deepEqual(problemsOf({ proof: "token" }), ["/token"]);
    assert.deepEqual(problemsOf({ token: "/token" }), ["/token"]);
    assert.deepEqual(problemsOf({ proof: "token", token: "/challenge" }), ["/token"]);
    const reply = { type: "json", fields: { response: "hmac-sha256-base64" } };
    assert.deepEqual(problemsOf({ reply }), []);
    assert.deepEqual(problemsOf({ reply, proof: "none" }), ["/reply/fields/response"]);
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

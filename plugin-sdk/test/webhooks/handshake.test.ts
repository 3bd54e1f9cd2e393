/** The handshakes of vendors, as their documentation shows them, by what a plugin of theirs would declare. */
import assert from "node:assert/strict";
import { createHmac } from "node:crypto";
import { describe, it } from "node:test";
import type { WebhookHandshake } from "@plugboard/plugin-sdk/manifest";
import { answerHandshake, isHandshake, type WebhookRequest } from "../../webhooks/index.ts";
import { problemsWith } from "../manifest/example-manifest.ts";

const hmac = { scheme: "hmac", header: "x-signature", algorithm: "sha256", encoding: "hex" };
const secrets = { secret: "s3cret", token: "t0ken" };

const slack: WebhookHandshake = {
  method: "POST",
  when: { at: "/type", equals: "url_verification" },
  challenge: "/challenge",
  proof: "signature",
  reply: { type: "text" },
};
const zoom: WebhookHandshake = {
  method: "POST",
  when: { at: "/event", equals: "endpoint.url_validation" },
  challenge: "/payload/plainToken",
  proof: "signature",
  reply: { type: "json", fields: { plainToken: "challenge", encryptedToken: "hmac-sha256-hex" } },
};
const meta: WebhookHandshake = {
  method: "GET",
  when: { at: "query:hub.mode", equals: "subscribe" },
  challenge: "query:hub.challenge",
  proof: "token",
  token: "query:hub.verify_token",
  reply: { type: "text" },
};
const microsoftGraph: WebhookHandshake = {
  method: "POST",
  challenge: "query:validationToken",
  proof: "none",
  reply: { type: "text" },
};
const okta: WebhookHandshake = {
  method: "GET",
  challenge: "header:X-Okta-Verification-Challenge",
  proof: "none",
  reply: { type: "json", fields: { verification: "challenge" } },
};

/** As an endpoint does: undefined for what is no handshake. */
function answer(declared: WebhookHandshake, given: Partial<WebhookRequest>) {
  const request = { method: declared.method, headers: {}, query: {}, body: undefined, ...given };
  return isHandshake(declared, request) ? answerHandshake(declared, request, secrets) : undefined;
}

const text = (body: string) => ({ status: 200, contentType: "text/plain; charset=utf-8", body });
const json = (body: object) => ({
  status: 200,
  contentType: "application/json; charset=utf-8",
  body: JSON.stringify(body),
});

describe("a handshake", () => {
  it("is declared for vendors that sign it, that send a token, and that do neither", () => {
    for (const handshake of [slack, zoom, meta, microsoftGraph, okta])
      assert.deepEqual(problemsWith({ webhooks: { signature: hmac, handshake } }), []);
  });

  it("is answered with its challenge", () => {
    const body = {
      type: "url_verification",
      challenge: "3eZbrw1aBm2rZgRNFdxV2595E9CY3gmdALWMmHkvFXO7tYXAYM8P",
    };
    assert.deepEqual(answer(slack, { body }), text(body.challenge));
    const query = { "hub.mode": "subscribe", "hub.challenge": "1158201444", "hub.verify_token": "t0ken" };
    assert.deepEqual(answer(meta, { query }), text("1158201444"));
    const validationToken = "Validation: Testing client application reachability for: 8a2f";
    assert.deepEqual(answer(microsoftGraph, { query: { validationToken } }), text(validationToken));
    const headers = { "x-okta-verification-challenge": "c0ffee" };
    assert.deepEqual(answer(okta, { headers }), json({ verification: "c0ffee" }));
  });

  it("is answered with its challenge under the secret", () => {
    const body = { event: "endpoint.url_validation", payload: { plainToken: "qgg8vlvZRS6UYooatFL8Aw" } };
    const encryptedToken = createHmac("sha256", "s3cret").update("qgg8vlvZRS6UYooatFL8Aw").digest("hex");
    assert.deepEqual(answer(zoom, { body }), json({ plainToken: "qgg8vlvZRS6UYooatFL8Aw", encryptedToken }));
  });

  it("is told from a delivery", () => {
    assert.equal(answer(slack, { body: { type: "event_callback", challenge: "x" } }), undefined);
    assert.equal(answer(slack, { method: "GET", body: { type: "url_verification" } }), undefined);
    assert.equal(answer(microsoftGraph, { body: { validationToken: "x" } }), undefined);
    assert.equal(
      answer(microsoftGraph, { query: JSON.parse('{"__proto__":{"validationToken":"x"}}') }),
      undefined,
    );
  });

  it("without the tenant's token is refused", () => {
    for (const token of ["", "t0ke", "t0kenn", "s3cret"]) {
      const query = { "hub.mode": "subscribe", "hub.challenge": "1", "hub.verify_token": token };
      assert.deepEqual(answer(meta, { query }), { status: 403, body: "" }, token);
    }
    const query = { "hub.mode": "subscribe", "hub.challenge": "1", "hub.verify_token": "" };
    const request = { method: "GET", headers: {}, query, body: undefined };
    assert.equal(answerHandshake(meta, request, { secret: "s3cret", token: "" }).status, 403);
  });

  it("has nothing said in the host's name that is more than a word, nor signed that could be a delivery", () => {
    for (const challenge of ["", "a\r\nset-cookie: a=b", "\u202etxt", "x".repeat(1_025)])
      assert.equal(answer(slack, { body: { type: "url_verification", challenge } })?.status, 400, challenge);
    assert.equal(answer(slack, { body: { type: "url_verification", challenge: { a: 1 } } })?.status, 400);
    for (const plainToken of ['{"event":"paid"}', "v0:1700000000:{}", "1700000000.a", "x".repeat(257)]) {
      const body = { event: "endpoint.url_validation", payload: { plainToken } };
      assert.equal(answer(zoom, { body })?.status, 400, plainToken);
    }
  });
});

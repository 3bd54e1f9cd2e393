/** How the host verifies what a vendor sends, and what it answers. No scheme, no endpoint. */
export interface WebhooksDeclaration {
  signature: WebhookSignature;
  /** Where the delivery's id is: a JSON Pointer into the body, or `header:<name>`. */
  eventId?: string;
  eventType?: string;
  /** What a delivery is answered once what it tells is stored. Absent: 200, without a body. */
  acknowledge?: WebhookAcknowledgement;
  /** How the vendor asks, before it sends deliveries, whether it is they who are wanted. Absent: it does not. */
  handshake?: WebhookHandshake;
}

export type WebhookSignature =
  | { scheme: "stripe" | "shopify" | "github" | "slack" | "standard" | "secret-path" }
  | HmacSignature;

export interface HmacSignature {
  scheme: "hmac";
  header: string;
  algorithm: "sha256" | "sha512";
  encoding: "hex" | "base64";
  /** What is signed, with `{body}` in it; `{header:<name>}` stands for a header. Default `{body}`. */
  template?: string;
  /** What stands before the signature in the header, such as `sha256=`. */
  prefix?: string;
}

/** The same for every delivery: nothing that was sent gets into it. */
export interface WebhookAcknowledgement {
  contentType: "text/plain" | "text/xml" | "application/xml" | "application/json";
  /** 1 to 2,000 characters; JSON where `contentType` says so. */
  body: string;
  /** Default 200. */
  status?: 200 | 201 | 202;
}

/** A request of the vendor's that is answered with what it has in it, by the host, and is no delivery. */
export interface WebhookHandshake {
  method: "GET" | "POST";
  /** What tells it from other requests: this value at this place. Absent: that there is a challenge. */
  when?: { at: string; equals: string };
  /** Where the challenge is: a JSON Pointer into the body, `header:<name>` or `query:<name>`. */
  challenge: string;
  /**
   * What shows that the vendor asks. `signature`: that of a delivery, verified before it is answered. `token`: at the place
   * that `token` names is one which the tenant gave the vendor for this, and which is never the secret that signs.
   * `none`: nothing; whoever knows the address is told what they sent.
   */
  proof: "signature" | "token" | "none";
  token?: string;
  reply: HandshakeReply;
}

/** The challenge as `text/plain`, or an object of it as `application/json`. */
export type HandshakeReply = { type: "text" } | { type: "json"; fields: { [name: string]: HandshakeValue } };

/** The challenge, or its HMAC under the secret that signs; the latter only where `proof` is `signature`. */
export type HandshakeValue = "challenge" | "hmac-sha256-hex" | "hmac-sha256-base64";

import assert from "node:assert/strict";
import { type SigningKeyPair, signStatement, statementTypes } from "@plugboard/plugin-sdk/trust";
import { ask } from "./operator.ts";
import type { TestPublisher, TestRegistry } from "./registry.ts";

export interface TestAccount {
  id: string;
  tokenId: string;
  token: string;
  /** Asks with this account's first token. */
  ask<Body = { code: string }>(request: string, json?: object): Promise<{ status: number; body: Body }>;
}

export async function createAccount(
  registry: Pick<TestRegistry, "url">,
  displayName = "Ada",
): Promise<TestAccount> {
  const made = await ask<{ account: { id: string }; token: { id: string }; secret: string }>(
    registry,
    "POST /accounts",
    { json: { displayName } },
  );
  assert.equal(made.status, 201);
  const { account, token, secret } = made.body;
  return {
    id: account.id,
    tokenId: token.id,
    token: secret,
    ask: (request, json) => ask(registry, request, { token: secret, ...(json && { json }) }),
  };
}

/** The publisher's word that the account is one of its owners. */
export async function ownershipClaim(
  publisher: string,
  accountId: string,
  key: SigningKeyPair,
  now = new Date(),
) {
  const audience = `plugboard-registry/accounts/${accountId}`;
  const claim = { publisher, audience, issuedAt: now.toISOString() };
  return signStatement(statementTypes.claim, claim, { privateJwk: key.privateJwk });
}

export async function makeOwner(
  account: TestAccount,
  { name, key }: TestPublisher,
  now?: Date,
): Promise<void> {
  const claim = await ownershipClaim(name, account.id, key, now);
  const { status, body } = await account.ask(`POST /publishers/${name}/owners`, { claim });
  assert.equal(status, 200, JSON.stringify(body));
}

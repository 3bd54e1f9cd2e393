import assert from "node:assert/strict";
import { describe, type TestContext, test } from "node:test";
import { pluginOf, startVendor, textOf } from "./harness.ts";

const tokens = { first: "token-one-0123456789", second: "token-two-0123456789" };

/** A vendor that takes `accepted`, and a connection whose first token has become stale. */
async function withToken(t: TestContext, accepted: string | undefined, fresh = tokens.second) {
  const vendor = await startVendor(t, (_, response, { headers }) => {
    if (headers.authorization !== `Bearer ${accepted}`) response.writeHead(401);
    response.end(`${headers.authorization} ${tokens.first} ${tokens.second}`);
  });
  const asked: unknown[] = [];
  const plugin = pluginOf(t, vendor, {
    connection: {
      auth: { type: "oauth2", grant: "client_credentials", tokenUrl: "https://api.vendor.test/token" },
      async credential(options = {}) {
        asked.push(options);
        return { type: "oauth2", accessToken: options.staleAccessToken ? fresh : tokens.first };
      },
    },
  });
  return { vendor, plugin, asked };
}

describe("a token that the vendor refuses in mid-flight", () => {
  test("is asked for anew, once, and the request is repeated with it, a write too", async (t) => {
    for (const method of ["GET", "POST"]) {
      const { vendor, plugin } = await withToken(t, tokens.second);
      const reply = await plugin.fetch({ method, ...(method === "POST" && { body: "pay" }) });
      assert.equal(reply.status, 200);
      assert.deepEqual(
        vendor.requests.map(({ headers, body }) => [headers.authorization, body]),
        [tokens.first, tokens.second].map((token) => [`Bearer ${token}`, method === "POST" ? "pay" : ""]),
      );
      assert.doesNotMatch(textOf(reply), /token-(one|two)/, "neither of them comes back");
    }
  });

  test("leaves nothing of either in what is answered while both are in use", async (t) => {
    const { plugin } = await withToken(t, tokens.second);
    const replies = await Promise.all(Array.from({ length: 5 }, () => plugin.fetch()));
    for (const reply of [...replies, await plugin.fetch()])
      assert.doesNotMatch(textOf(reply), /token-(one|two)/);
  });

  test("is told which one was refused, so that others' fresh one is not refreshed again", async (t) => {
    const { plugin, asked } = await withToken(t, tokens.second);
    await plugin.fetch();
    assert.deepEqual(asked, [{}, { staleAccessToken: tokens.first }]);
  });

  test("is not asked for a third time: the vendor's 401 is the reply", async (t) => {
    const { vendor, plugin, asked } = await withToken(t, undefined);
    assert.equal((await plugin.fetch()).status, 401);
    assert.deepEqual([vendor.requests.length, asked.length], [2, 2]);
  });

  test("is not sent again where there is no other", async (t) => {
    const { vendor, plugin } = await withToken(t, undefined, tokens.first);
    assert.equal((await plugin.fetch()).status, 401);
    assert.equal(vendor.requests.length, 1);
  });

  test("is nothing that a stored key can be asked for", async (t) => {
    const vendor = await startVendor(t, (_, response) => response.writeHead(401).end());
    const plugin = pluginOf(t, vendor);
    assert.equal((await plugin.fetch()).status, 401);
    assert.deepEqual([vendor.requests.length, plugin.credentialsOpened], [1, 1]);
  });
});

import assert from "node:assert/strict";
import { describe, test } from "node:test";
import { gzipSync } from "node:zlib";
import fc from "fast-check";
import { encoders, hex, leaks } from "./echoes.ts";
import {
  headerOf,
  key,
  type PluginOptions,
  pluginOf,
  secret,
  startVendor,
  textOf,
  vendorUrl,
} from "./harness.ts";

const basic: PluginOptions = {
  connection: {
    auth: { type: "basic" },
    credential: async () => ({ type: "basic", username: "jörg", password: secret }),
  },
};

describe("an echo of the credential is taken out of body, header and status text", () => {
  for (const [how, encode] of Object.entries(encoders)) {
    test(how, async (t) => {
      for (const [credential, options] of [
        [key, {}],
        [secret, basic],
      ] as [string, PluginOptions][]) {
        const echo = encode(credential);
        const inHeader = Buffer.from(echo).toString("latin1"); // UTF-8, as vendors send it
        const vendor = await startVendor(t, (_, response) => {
          response.writeHead(401, `Bad ${inHeader}!`, { "x-echo": `a ${inHeader} b`, "x-other": "kept" });
          response.end(`{"error":"bad key ${echo} given","also":["${echo}","kept"]}`);
        });
        const reply = await pluginOf(t, vendor, options).fetch();
        const all = [textOf(reply), reply.statusText, String(headerOf(reply, "x-echo"))];
        for (const text of all) {
          assert.deepEqual(leaks(text, credential), [], text);
          assert.deepEqual(leaks(Buffer.from(text, "latin1").toString(), credential), [], text);
          assert.match(text, /\[redacted\]/);
        }
        assert.match(textOf(reply), /^\{"error":"bad key .* given","also":\[".*","kept"\]\}$/);
        assert.equal(headerOf(reply, "x-other"), "kept");
      }
    });
  }

  test("in Latin-1 and UTF-16", async (t) => {
    for (const encoding of ["latin1", "utf16le"] as const) {
      const vendor = await startVendor(t, (_, response) =>
        response.end(Buffer.from(`bad ${secret}!`, encoding)),
      );
      const reply = await pluginOf(t, vendor, basic).fetch();
      assert.deepEqual(leaks(Buffer.from(reply.body).toString(encoding), secret), []);
    }
  });

  test("in a compressed body", async (t) => {
    const vendor = await startVendor(t, (_, response) => {
      response.writeHead(200, { "content-encoding": "gzip" }).end(gzipSync(`bad ${key}!`));
    });
    assert.equal(textOf(await pluginOf(t, vendor).fetch()), "bad [redacted]!");
  });

  test("over the borders of the network's packets", async (t) => {
    const vendor = await startVendor(t, (_, response) => {
      response.write(`bad ${key.slice(0, 9)}`, () => response.end(`${key.slice(9)}!`));
    });
    assert.equal(textOf(await pluginOf(t, vendor).fetch()), "bad [redacted]!");
  });

  test("more than once, and side by side", async (t) => {
    const vendor = await startVendor(t, (_, response) => response.end(`${key}${key}, ${key}${hex(key)}.`));
    assert.equal(textOf(await pluginOf(t, vendor).fetch()), "[redacted], [redacted].");
  });

  test("so often that little else is left", async (t) => {
    const vendor = await startVendor(t, (_, response) => response.end(`<${`${key} `.repeat(5000)}>`));
    assert.equal(textOf(await pluginOf(t, vendor).fetch()), "[redacted]");
  });

  test("in the echoed request as a whole", async (t) => {
    const inQuery: PluginOptions = { connection: { auth: { type: "apiKey", in: "query", name: "k" } } };
    for (const options of [{}, basic, inQuery]) {
      const vendor = await startVendor(t, (_, response, seen) => response.end(JSON.stringify(seen)));
      const reply = await pluginOf(t, vendor, options).fetch({ url: `${vendorUrl}/?a=1` });
      assert.match(textOf(reply), /"method":"GET"/);
      assert.deepEqual([...leaks(textOf(reply), key), ...leaks(textOf(reply), secret)], []);
    }
  });

  test("in the name of a header, which goes as a whole", async (t) => {
    const plain = "k3y_live_c0ffee42";
    const vendor = await startVendor(t, (_, response) =>
      response.writeHead(200, { [`x-${plain}`]: "1" }).end(),
    );
    const reply = await pluginOf(t, vendor, {
      connection: { credential: async () => ({ type: "apiKey", key: plain }) },
    }).fetch();
    assert.deepEqual(
      reply.headers.filter(([name]) => name.startsWith("x-")),
      [],
    );
  });
});

test("the pair of user name and password is taken out; the user name alone is ordinary data", async (t) => {
  const pair = `jörg:${secret}`;
  const vendor = await startVendor(t, (_, response) => {
    response.end(`user jörg, ${pair}, Basic ${Buffer.from(pair).toString("base64")}.`);
  });
  assert.equal(textOf(await pluginOf(t, vendor, basic).fetch()), "user jörg, [redacted], Basic [redacted].");
});

test("where the key is the user name, it is the secret", async (t) => {
  const vendor = await startVendor(t, (_, response, { headers }) =>
    response.end(`${key} ${headers.authorization}`),
  );
  const connection = {
    auth: { type: "basic" } as const,
    credential: async () => ({ type: "basic", username: key, password: "x" }) as const,
  };
  assert.equal(textOf(await pluginOf(t, vendor, { connection }).fetch()), "[redacted] Basic [redacted]");
});

test("a reply without the credential is not changed by a byte", async (t) => {
  const bytes = Buffer.from(Array.from({ length: 4096 }, (_, i) => (i * 7) % 256));
  const vendor = await startVendor(t, (_, response) => response.end(bytes));
  assert.deepEqual(Buffer.from((await pluginOf(t, vendor).fetch()).body), bytes);
});

test("whatever the key and whatever is around it, nothing of it comes through", async (t) => {
  let credential = "";
  let body = Buffer.alloc(0);
  const vendor = await startVendor(t, (_, response) => response.end(body));
  const plugin = pluginOf(t, vendor, {
    connection: { credential: async () => ({ type: "apiKey", key: credential }) },
  });
  const printable = fc
    .string({ unit: "grapheme-ascii", minLength: 12, maxLength: 64 })
    .filter((text) => text === text.trim());
  const encoder = fc.constantFrom(...Object.values(encoders));
  await fc.assert(
    fc.asyncProperty(printable, encoder, fc.string(), fc.string(), async (chosen, encode, before, after) => {
      credential = chosen;
      const echo = encode(chosen);
      body = Buffer.from(`${before} ${echo} ${after}`);
      assert.ok(!textOf(await plugin.fetch()).includes(echo));
    }),
    { numRuns: 200 },
  );
});

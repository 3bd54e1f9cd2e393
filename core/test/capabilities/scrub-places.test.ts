import assert from "node:assert/strict";
import { describe, test } from "node:test";
import { gzipSync } from "node:zlib";
import { json, leaks } from "./echoes.ts";
import { key, type PluginOptions, pluginOf, secret, startVendor, textOf, vendorUrl } from "./harness.ts";

const basic: PluginOptions = {
  connection: {
    auth: { type: "basic" },
    credential: async () => ({ type: "basic", username: "jörg", password: secret }),
  },
};

describe("an echo of the credential is taken out of a body", () => {
  const long = `sk_live_${"51H8xQ2eZvKYlo2C".repeat(6)}`;
  const lines = (text: string, length: number, end: string) =>
    text.replace(new RegExp(`.{${length}}(?=.)`, "g"), (line) => `${line}${end}`);
  const mime = (text: string) =>
    lines(Buffer.from(`Authorization: Bearer ${text}`).toString("base64"), 76, "\r\n");
  const bodies: Record<string, (text: string) => string> = {
    "in lines of base64 (MIME)": mime,
    "in indented lines of base64 (PEM in YAML)": (text) =>
      lines(Buffer.from(text).toString("base64"), 64, "\n    "),
    "in lines of base64 in JSON": (text) => JSON.stringify({ message: mime(text) }),
    "in quoted-printable lines": (text) => lines(`Authorization: Bearer ${text}`, 75, "=\r\n"),
    "in a part of a multi-part body": (text) =>
      `--x\r\nContent-Type: message/http\r\nContent-Transfer-Encoding: base64\r\n\r\n${mime(text)}\r\n--x--`,
  };
  for (const [how, write] of Object.entries(bodies)) {
    test(how, async (t) => {
      const vendor = await startVendor(t, (_, response) => response.end(`before ${write(long)} after`));
      const text = textOf(
        await pluginOf(t, vendor, {
          connection: { credential: async () => ({ type: "apiKey", key: long }) },
        }).fetch(),
      );
      const joined = text.replace(/=?\r?\n +|=?\\r\\n|=?\r?\n/g, "");
      assert.deepEqual([...leaks(text, long), ...leaks(joined, long)], []);
      assert.match(text, /^before [\s\S]*\[redacted\][\s\S]* after$/);
    });
  }

  test("when the vendor cut it in half", async (t) => {
    const opaque = "9f86d081884c7d659a2feaa0c55ad015a3bf4f1b";
    const vendor = await startVendor(t, (_, response) =>
      response.end(`bad key ${opaque.slice(0, 24)}…, or ${opaque.slice(16)}; id ${opaque.slice(0, 10)}`),
    );
    const plugin = pluginOf(t, vendor, {
      connection: { credential: async () => ({ type: "apiKey", key: opaque }) },
    });
    assert.equal(
      textOf(await plugin.fetch()),
      `bad key [redacted]${opaque.slice(20, 24)}…, or ${opaque.slice(16, 20)}[redacted]; id ${opaque.slice(0, 10)}`,
    );
  });

  test("when the vendor cut it out of a signed token, whose beginning other tokens share", async (t) => {
    const [head, signature] = [
      "eyJhbGciOiJIUzI1NiJ9.eyJpc3MiOiJ2ZW5kb3IifQ",
      "dBjftJeZ4CVP-mB92K27uhbUJU1p1r_wW1gFWFOEjXk",
    ];
    const vendor = await startVendor(t, (_, response) =>
      response.end(`${head}.another ${signature} ${head}.${signature}`),
    );
    const plugin = pluginOf(t, vendor, {
      connection: {
        auth: { type: "bearer" },
        credential: async () => ({ type: "bearer", token: `${head}.${signature}` }),
      },
    });
    assert.equal(textOf(await plugin.fetch()), `${head}.another [redacted] [redacted]`);
  });

  test("that is as large as one may be, without holding up the host", async (t) => {
    const filler = Buffer.alloc(
      5 * 1024 * 1024,
      '{"name":"J\\u00f6rg & Söhne","url":"https:\\/\\/a.test\\/%20"},',
    );
    const vendor = await startVendor(t, (_, response) =>
      response.end(Buffer.concat([filler, Buffer.from(json(key)), filler])),
    );
    const plugin = pluginOf(t, vendor, { limits: { maxResponseBytes: 2 * filler.length + 100 } });
    const body = Buffer.from((await plugin.fetch()).body);
    assert.ok(body.equals(Buffer.concat([filler, Buffer.from("[redacted]"), filler])));
  });

  test("that is large, of many requests at a time", async (t) => {
    const vendor = await startVendor(t, (_, response, { url, headers }) =>
      response.end(`${url} ${headers["x-api-key"]} ${"x".repeat(200_000)}`),
    );
    const plugin = pluginOf(t, vendor);
    const replies = await Promise.all(
      ["a", "b", "c", "d"].map((id, i) =>
        plugin.over({ id: i % 2 ? "one" : "two" }).fetch({ url: `${vendorUrl}/${id}` }),
      ),
    );
    assert.deepEqual(
      replies.map((reply) => textOf(reply).slice(0, 14)),
      ["a", "b", "c", "d"].map((id) => `/${id} [redacted] `),
    );
  });

  test("that came in pieces, compressed", async (t) => {
    const vendor = await startVendor(t, async (_, response) => {
      response.writeHead(200, { "content-encoding": "gzip" });
      for (const byte of gzipSync(`bad key ${key}!`)) response.write(Buffer.of(byte));
      response.end();
    });
    assert.equal(textOf(await pluginOf(t, vendor).fetch()), "bad key [redacted]!");
  });
});

describe("what a vendor writes beside headers and body brings no credential:", () => {
  const plain = "K3y_Live_C0ffee42";
  const own: PluginOptions = { connection: { credential: async () => ({ type: "apiKey", key: plain }) } };

  test("the name of a header, which HTTP writes in lower case", async (t) => {
    const vendor = await startVendor(t, (_, response) =>
      response.writeHead(200, { [`X-${plain}`]: "1" }).end(),
    );
    const { headers } = await pluginOf(t, vendor, own).fetch();
    assert.deepEqual(
      headers.filter(([name]) => name.startsWith("x-")),
      [],
    );
  });

  test("the host of a redirect, which a URL writes in lower case", async (t) => {
    const vendor = await startVendor(t, (_, response) =>
      response.writeHead(302, { location: `https://${plain}.test/` }).end(),
    );
    await assert.rejects(
      pluginOf(t, vendor, own).fetch(),
      (error: Error) => !error.message.toLowerCase().includes(plain.toLowerCase()),
    );
  });

  test("trailers, cookies, early hints", async (t) => {
    const vendor = await startVendor(t, (_, response) => {
      response.writeEarlyHints({ link: `</${plain}>; rel=preload` });
      response.writeHead(200, { trailer: "x-key", "set-cookie": `key=${plain}` });
      response.addTrailers({ "x-key": plain });
      response.end("ok");
    });
    const reply = await pluginOf(t, vendor, own).fetch();
    assert.equal(textOf(reply), "ok");
    assert.doesNotMatch(JSON.stringify(reply.headers), /k3y|cookie|trailer/i);
  });
});

test("a basic pair is taken out as it was sent, encoded once more too", async (t) => {
  const sent = Buffer.from(`jörg:${secret}`).toString("base64");
  const again = Buffer.from(`Basic ${sent}`);
  const vendor = await startVendor(t, (_, response) =>
    response.end(`${again.toString("base64")} ${again.toString("hex")} ${encodeURIComponent(sent)}`),
  );
  const text = textOf(await pluginOf(t, vendor, basic).fetch());
  assert.ok(
    !Buffer.from(text.split(" ")[0] ?? "", "base64")
      .toString()
      .includes(sent.slice(4, 12)),
    text,
  );
  assert.equal(text.match(/\[redacted\]/g)?.length, 3);
});

import assert from "node:assert/strict";
import { describe, test } from "node:test";
import { gzipSync } from "node:zlib";
import fc from "fast-check";
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

const hex = (text: string) => Buffer.from(text).toString("hex");
const everyByte = (text: string) => hex(text).replace(/../g, "%$&");
const lowerCodes = (text: string) => text.replace(/%[0-9A-F]{2}/g, (code) => code.toLowerCase());
const json = (text: string) => JSON.stringify(text).slice(1, -1);
const escaped = (text: string, pattern: RegExp) =>
  text.replace(pattern, (letter) => `\\u${letter.charCodeAt(0).toString(16).padStart(4, "0")}`);

/** How vendors' frameworks write a text into what they answer. */
const encoders: Record<string, (text: string) => string> = {
  "as it is": (text) => text,
  "as a URL's component": encodeURIComponent,
  "as a URL's component, in lower case": (text) => lowerCodes(encodeURIComponent(text)),
  "as a form's field": (text) => new URLSearchParams({ a: text }).toString().slice(2),
  "with every byte as %XX": (text) => everyByte(text).toUpperCase(),
  "with every byte as %xx": everyByte,
  "as JSON": json,
  "as JSON, with the slash escaped (PHP)": (text) => json(text).replaceAll("/", "\\/"),
  "as JSON, in ASCII (Python)": (text) => escaped(json(text), /[^ -~]/g),
  "as JSON, with what is special in HTML escaped (Rails, Go)": (text) => escaped(json(text), /[<>&]/g),
  "as JSON, with all that is special escaped (.NET)": (text) =>
    escaped(text, /[^A-Za-z0-9 ._~-]/g).replace(
      /\\u[0-9a-f]{4}/g,
      (code) => `\\u${code.slice(2).toUpperCase()}`,
    ),
  "as JSON in JSON": (text) => json(json(text).replaceAll("/", "\\/")),
  "as a URL in JSON": (text) => json(`https://a.test/?k=${encodeURIComponent(text)}`).replaceAll("/", "\\/"),
  "as a URL in a URL": (text) => encodeURIComponent(`https://a.test/?k=${encodeURIComponent(text)}`),
  "as HTML": (text) => text.replaceAll("&", "&amp;").replaceAll("<", "&lt;").replaceAll('"', "&quot;"),
  "as HTML, by numbers": (text) => text.replace(/[^A-Za-z0-9]/g, (letter) => `&#${letter.charCodeAt(0)};`),
  "as HTML, by hexadecimal numbers": (text) =>
    text.replace(/[^A-Za-z0-9]/g, (letter) => `&#x${letter.charCodeAt(0).toString(16)};`),
  "as HTML, by names": (text) =>
    text
      .replaceAll("&", "&amp;")
      .replaceAll("+", "&plus;")
      .replaceAll("/", "&sol;")
      .replaceAll("=", "&equals;")
      .replaceAll("?", "&quest;"),
  "as a URL's component, as IIS does it": (text) =>
    text.replace(/[^A-Za-z0-9]/g, (letter) => `%u${letter.charCodeAt(0).toString(16).padStart(4, "0")}`),
  "as JavaScript": (text) => text.replace(/[+/&=\\]/g, (letter) => `\\x${hex(letter)}`),
  "in hexadecimal": hex,
  "in hexadecimal, in upper case": (text) => hex(text).toUpperCase(),
  "in base64": (text) => Buffer.from(text).toString("base64"),
  "in base64url": (text) => Buffer.from(text).toString("base64url"),
  "in base64 with other text, one byte before": (text) => Buffer.from(`:${text}!`).toString("base64"),
  "in base64 with other text, two bytes before": (text) => Buffer.from(`u:${text}!!`).toString("base64"),
  "in base64url with other text": (text) =>
    Buffer.from(`{"authorization":"Bearer ${text}","a":1}`).toString("base64url"),
  "in base64, as a URL's component": (text) => encodeURIComponent(Buffer.from(text).toString("base64")),
  "in base64, in a URL that is base64 itself": (text) =>
    Buffer.from(`https://a.test/?k=${encodeURIComponent(text)}&page=2`).toString("base64url"),
  "in base64, in JSON": (text) => Buffer.from(JSON.stringify({ key: text })).toString("base64"),
  "in base64, in UTF-16": (text) => Buffer.from(`key=${text}`, "utf16le").toString("base64"),
  "in base64, in PHP's JSON": (text) => Buffer.from(`?${text}`).toString("base64").replaceAll("/", "\\/"),
};

/** Any six letters in a row of the secret, plainly or after what a plugin could decode with. */
function leaks(text: string, credential: string): string[] {
  let views = [text];
  for (let layer = 0; layer < 3; layer++)
    views = [...new Set(views.flatMap((view) => [view, ...decodings(view)]))];
  const parts = Array.from({ length: credential.length - 5 }, (_, i) => credential.slice(i, i + 6));
  return parts.filter((part) => views.some((view) => view.includes(part)));
}

function decodings(text: string): string[] {
  const letter = (_: string, code: string) => String.fromCharCode(Number.parseInt(code, 16));
  return [
    Buffer.from(text.replace(/%([0-9a-f]{2})/gi, letter), "latin1").toString(),
    text
      .replace(/\\u([0-9a-f]{4})/gi, letter)
      .replace(/\\x([0-9a-f]{2})/gi, letter)
      .replace(/\\(.)/g, "$1"),
    text
      .replace(/&#x([0-9a-f]+);/gi, letter)
      .replace(/&#(\d+);/g, (_, code) => String.fromCharCode(code))
      .replace(/&quot;/g, '"')
      .replace(/&lt;/g, "<")
      .replace(/&amp;/g, "&"),
    ...text.split(/[^0-9a-f]+/i).map((part) => Buffer.from(part, "hex").toString()),
    ...text.split(/[^A-Za-z0-9+/_=-]+/).map((part) => Buffer.from(part, "base64").toString()),
  ].filter((view) => view !== "");
}

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

/** What goes into a file is cleaned as it comes: wherever pieces and windows end, no part of a secret gets through. */
import assert from "node:assert/strict";
import { describe, test } from "node:test";
import { createScrubber, createStreamScrubber } from "@plugboard/plugin-sdk/exchange";
import { leaks } from "./echoes.ts";
import { secret } from "./harness.ts";

const MiB = 1024 * 1024;
const long = `sk_live_${"51H8xQ2eZvKYlo2C".repeat(120)}`;

const escaped = (text: string) =>
  [...text].map((letter) => `\\u${letter.charCodeAt(0).toString(16).padStart(4, "0")}`).join("");

const forms: Record<string, string> = {
  "as it is": secret,
  "in base64": Buffer.from(`Bearer ${secret}`).toString("base64"),
  "in a URL": encodeURIComponent(secret),
  "escaped letter by letter, twice": JSON.stringify(escaped(secret)),
  "of two kilobytes": long,
  "of two kilobytes, escaped": escaped(long),
};

const scrubber = createScrubber([secret, long]);
const open = () => createStreamScrubber(scrubber, async (bytes) => scrubber.bytes(bytes));

async function clean(pieces: Buffer[]): Promise<string> {
  const stream = open();
  const out: Uint8Array[] = [];
  for (const piece of pieces) out.push(await stream.push(piece));
  out.push(await stream.end());
  return Buffer.concat(out).toString();
}

/** After how many bytes it looks through what it has. */
async function windowBytes(): Promise<number> {
  const stream = open();
  for (let bytes = 1024; ; bytes += 1024)
    if ((await stream.push(Buffer.alloc(1024, " "))).length > 0) return bytes;
}

describe("a body that is cleaned as it comes", async () => {
  const window = await windowBytes();
  for (const [how, form] of Object.entries(forms)) {
    test(`has no secret ${how}`, async () => {
      const bytes = Buffer.from(form);
      const step = Math.ceil(bytes.length / 5);
      for (let cut = step; cut < bytes.length; cut += step) {
        const before = Buffer.concat([Buffer.alloc(window - cut, " "), bytes.subarray(0, cut)]);
        const text = await clean([before, bytes.subarray(cut), Buffer.alloc(window, " ")]);
        assert.deepEqual([...leaks(text, secret), ...leaks(text, long)], [], `cut at ${cut}`);
        assert.match(text.trim(), /^(?:"|QmVhcmVyI)?\[redacted\]"?$/, `cut at ${cut}`);
      }
    });
  }

  test("is the very same where there is none", async () => {
    const content = Buffer.from(Array.from({ length: 200_000 }, (_, n) => `${n}: nothing\n`).join(""));
    const pieces = [content.subarray(0, 1), content.subarray(1, 700_001), content.subarray(700_001)];
    assert.ok((await clean(pieces)) === content.toString());
  });

  test("is not waited for to its end", async () => {
    const stream = open();
    let out = 0;
    for (let n = 0; n < 64; n++) {
      out += (await stream.push(Buffer.alloc(64 * 1024, "x"))).length;
      assert.ok(stream.heldBytes < MiB);
    }
    assert.ok(out > 3 * MiB);
  });
});

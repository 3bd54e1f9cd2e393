import assert from "node:assert/strict";
import { Readable } from "node:stream";
import { describe, it } from "node:test";
import { deflateRawSync, gunzipSync, gzipSync } from "node:zlib";
import { PackageError, packageLimits, packPackage, readPackage } from "@plugboard/plugin-sdk/package";
import fc from "fast-check";
import {
  type Entry,
  exampleEntries,
  exampleTar,
  exampleTarball,
  fixChecksum,
  gzip,
  refusalOf,
  refusalOfTar,
  tarOf,
} from "./example-package.ts";

async function refusalOfEntry(entry: Entry): Promise<string> {
  return refusalOfTar([...exampleEntries(), entry]);
}

describe("an entry that is not a regular file", () => {
  for (const type of [
    "link",
    "symlink",
    "character-device",
    "block-device",
    "directory",
    "fifo",
    "contiguous-file",
  ] as const) {
    it(`is refused: ${type}`, async () => {
      assert.equal(
        await refusalOfEntry({ name: "package/x", type, linkname: "/etc/passwd" }),
        "package-unsafe-entry",
      );
    });
  }

  it("is refused: of an unknown or vendor type (sparse, multi-volume, dump directory, …)", async () => {
    for (const flag of "SMDNVXAZabz9?\u0001\u00ff") {
      const patch = (header: Buffer) => void header.write(flag, 156, "latin1");
      const code = await refusalOfEntry({ name: "package/x", patch });
      assert.equal(code, "package-unsafe-entry", flag);
    }
  });

  it("is refused: a file whose name ends in a slash, which old programs take for a folder", async () => {
    assert.equal(await refusalOfEntry({ name: "package/x/" }), "package-unsafe-entry");
  });

  it("is refused: a file with the type byte NUL, of the time before POSIX", async () => {
    assert.equal(
      await refusalOfEntry({ name: "package/x", patch: (header) => void header.writeUInt8(0, 156) }),
      "package-unsafe-entry",
    );
  });
});

describe("a path that leaves the package, or means different things to different systems", () => {
  const paths = [
    "../evil",
    "package/../evil",
    "package/a/../../evil",
    "package/..",
    "package/.",
    "package/./a",
    "package//a",
    "package/",
    "/package/evil",
    "//package/evil",
    "evil",
    "Package/evil",
    "package",
    "packageevil/x",
    "./package/x",
    "package/C:/evil",
    "C:\\evil",
    "package/a\\b",
    "package/..\\..\\evil",
    "\\\\server\\share",
    "package/a\u0001b",
    "package/a\nb",
    "package/a\u007f",
    "package/a:b",
    "package/a*",
    'package/a"b',
    "package/a|b",
    "package/a?",
    "package/<a>",
    "package/é",
    "package/e\u0301",
    "package/\u202egnp.exe",
    "package/ſ.txt",
    "package/nul",
    "package/NUL.txt",
    "package/a/con.js",
    "package/aux",
    "package/com1.txt",
    "package/a.",
    "package/a ",
    "package/ a",
    "package/a./b",
    "package/...",
  ];
  for (const name of paths) {
    it(`is refused: ${JSON.stringify(name)}`, async () => {
      assert.equal(await refusalOfEntry({ name }), "package-unsafe-entry");
    });
  }

  it("is refused: bytes that are not UTF-8", async () => {
    assert.equal(
      await refusalOfEntry({ name: "package/xx", patch: (header) => void header.writeUInt8(0xff, 9) }),
      "package-unsafe-entry",
    );
  });

  it("is refused: longer than the limit", async () => {
    const segment = "a".repeat(90);
    assert.equal(
      await refusalOfEntry({ name: `package/${segment}/${segment}/${segment}` }),
      "package-unsafe-entry",
    );
    assert.equal(await refusalOfEntry({ name: `package/${"a".repeat(101)}` }), "package-unsafe-entry");
    assert.equal(await refusalOfEntry({ name: `package/${"a/".repeat(20)}b` }), "package-unsafe-entry");
  });

  it("is refused: something after a NUL in the name", async () => {
    const patch = (header: Buffer) => void header.write("../evil", 20, "latin1");
    assert.equal(await refusalOfEntry({ name: "package/x", patch }), "package-not-canonical");
  });
});

describe("two entries for one file", () => {
  const pairs: [string, string][] = [
    ["package/a.txt", "package/a.txt"],
    ["package/a.txt", "package/A.TXT"],
    ["package/plugin.json", "package/PLUGIN.JSON"],
    ["package/dir/a", "package/DIR/b"],
    ["package/dir", "package/dir/a"],
    ["package/dir/a", "package/dir"],
    ["package/Dir", "package/dir/a"],
  ];
  for (const [first, second] of pairs) {
    it(`are refused: ${first} and ${second}`, async () => {
      const others = exampleEntries().filter(({ name }) => name !== first);
      assert.equal(
        await refusalOfTar([...others, { name: first }, { name: second }]),
        "package-duplicate-entry",
      );
    });
  }
});

describe("extended headers, which say a name or size a second time", () => {
  it("are refused: pax path, size and anything else", async () => {
    for (const pax of [
      { path: "package/../../evil" },
      { path: "package/plugin.json" },
      { size: "0" },
      { size: "999999999" },
      { linkpath: "/etc/passwd" },
      { comment: "hi" },
      { "GNU.sparse.name": "evil" },
      { mtime: "1" },
    ]) {
      const code = await refusalOfEntry({ name: "package/x", content: "x", pax });
      assert.equal(code, "package-unsafe-entry", JSON.stringify(pax));
    }
  });

  it("are refused: a global pax header, a GNU long name, a GNU long link", async () => {
    for (const flag of "gLK") {
      const patch = (header: Buffer) => void header.write(flag, 156, "latin1");
      const content = flag === "g" ? "30 path=package/../../../evil\n" : "package/../evil\0";
      const entry: Entry = { name: "././@LongLink", content, patch };
      for (const entries of [
        [entry, ...exampleEntries()],
        [...exampleEntries(), entry],
        [...exampleEntries(), entry, { name: "package/x" }],
      ]) {
        const code = await refusalOfTar(entries);
        assert.equal(code, "package-unsafe-entry", flag);
      }
    }
  });

  it("are refused: a pax header that names a harmless file, which a lenient reader hides", async () => {
    const header: Entry = {
      name: "PaxHeader",
      content: "21 path=package/zzz\n",
      patch: (bytes) => void bytes.write("x", 156, "latin1"),
    };
    assert.equal(
      await refusalOfTar([...exampleEntries(), header, { name: "package/zzz" }]),
      "package-unsafe-entry",
    );
  });
});

describe("headers that are not the only way to write a file", () => {
  const patches: { [what: string]: (header: Buffer) => void } = {
    "an executable mode": (header) => void header.write("000755 ", 100, "latin1"),
    "a setuid mode": (header) => void header.write("004755 ", 100, "latin1"),
    "an owner": (header) => void header.write("001750 ", 108, "latin1"),
    "an owner's name": (header) => void header.write("root", 265, "latin1"),
    "a time": (header) => void header.write("14000000000", 136, "latin1"),
    "a link name": (header) => void header.write("/etc/passwd", 157, "latin1"),
    "a device number": (header) => void header.write("000001 ", 329, "latin1"),
    "a size without leading zeros": (header) => void header.write("          1 ", 124, "latin1"),
    "a size that ends in NUL": (header) => void header.write("00000000001\0", 124, "latin1"),
    "the GNU magic": (header) => void header.write("ustar  \0", 257, "latin1"),
    "a name in the prefix field": (header) => {
      header.fill(0, 0, 100);
      header.write("x", 0, "latin1");
      header.write("package", 345, "latin1");
    },
    "junk in the padding of the header": (header) => void header.write("junk", 504, "latin1"),
  };
  for (const [what, patch] of Object.entries(patches)) {
    it(`are refused: ${what}`, async () => {
      assert.equal(await refusalOfEntry({ name: "package/x", content: "x", patch }), "package-not-canonical");
    });
  }

  it("are refused: junk in the padding of a file", async () => {
    const tar = await tarOf(exampleEntries());
    tar.write("hidden", 512 + 500, "latin1");
    assert.equal((await refusalOf(gzip(tar))).code, "package-not-canonical");
  });

  it("are refused: files in another order", async () => {
    assert.equal(await refusalOfTar(exampleEntries().toReversed()), "package-not-canonical");
  });
});

describe("an archive that lies about where it ends", () => {
  it("is refused: entries after the end marker", async () => {
    const tar = await exampleTar();
    const hidden = await tarOf([{ name: "package/zzz", content: "hidden" }]);
    assert.equal((await refusalOf(gzip(Buffer.concat([tar, hidden])))).code, "package-not-canonical");
    assert.equal(
      (await refusalOf(gzip(Buffer.concat([tar, Buffer.alloc(8_192), hidden])))).code,
      "package-not-canonical",
    );
    assert.equal(
      (await refusalOf(gzip(Buffer.concat([tar.subarray(0, -512), hidden])))).code,
      "package-not-canonical",
    );
  });

  it("is refused: more or fewer zeros at the end than two blocks", async () => {
    const tar = await exampleTar();
    for (const bytes of [512, 10_240, 1]) {
      const longer = Buffer.concat([tar, Buffer.alloc(bytes)]);
      assert.equal((await refusalOf(gzip(longer))).code, "package-not-canonical", `${bytes} more`);
    }
    assert.equal((await refusalOf(gzip(tar.subarray(0, -512)))).code, "package-not-canonical");
    assert.equal((await refusalOf(gzip(tar.subarray(0, -1024)))).code, "package-malformed");
  });

  it("is refused: cut off, in the middle of a block, of a file, of a header", async () => {
    const tar = await exampleTar();
    for (const length of [0, 1, 511, 513, 700, tar.length - 1025, tar.length - 1]) {
      const code = (await refusalOf(gzip(tar.subarray(0, length)))).code;
      assert.ok(
        ["package-malformed", "package-not-canonical", "manifest-missing"].includes(code),
        `${length}: ${code}`,
      );
    }
  });

  it("is refused: sizes that point beyond the end, below zero, or nowhere", async () => {
    const sizes = [
      "\xf7\0\0\0\0\0\0\0\0\0\0\x01",
      "\x80\0\0\0\0\0\0\0\0\0\0\x01",
      "77777777777 ",
      "00000010000 ",
      "-0000000001 ",
      "99999999999 ",
      "abcdefghijk ",
      "\x80\x7f\xff\xff\xff\xff\xff\xff\xff\xff\xff\xff",
      "\xff\xff\xff\xff\xff\xff\xff\xff\xff\xff\xff\xff",
      "            ",
    ];
    for (const size of sizes) {
      const patch = (header: Buffer) => void header.write(size, 124, "latin1");
      const code = await refusalOfEntry({ name: "package/x", content: "x", patch });
      assert.ok(
        ["package-malformed", "package-too-large"].includes(code),
        `${JSON.stringify(size)}: ${code}`,
      );
    }
  });

  it("is refused: a wrong checksum", async () => {
    const tar = await exampleTar();
    tar.writeUInt8(tar.readUInt8(3) + 1, 3);
    assert.equal((await refusalOf(gzip(tar))).code, "package-malformed");
    fixChecksum(tar);
    assert.notEqual((await refusalOf(gzip(tar))).code, "package-malformed");
  });
});

describe("a gzip file that is not one member and nothing else", () => {
  it("is refused: no gzip at all, or cut off", async () => {
    const tarball = await exampleTarball();
    for (const bytes of [
      Buffer.alloc(0),
      Buffer.from("PK\u0003\u0004 not a tarball"),
      await exampleTar(),
      tarball.subarray(0, 9),
      tarball.subarray(0, 30),
      tarball.subarray(0, -1),
      tarball.subarray(0, -8),
    ]) {
      assert.equal((await refusalOf(bytes)).code, "package-malformed");
    }
  });

  it("is refused: two members, where some programs read the first alone", async () => {
    const tarball = await exampleTarball();
    const second = gzip(await tarOf([{ name: "package/zzz" }]));
    assert.equal((await refusalOf(Buffer.concat([tarball, second]))).code, "package-not-canonical");
    assert.equal((await refusalOf(Buffer.concat([tarball, gzipSync("")]))).code, "package-not-canonical");
  });

  it("is refused: trailing bytes, also zeros", async () => {
    const tarball = await exampleTarball();
    for (const tail of ["\0", "\0".repeat(512), "junk"]) {
      assert.equal(
        (await refusalOf(Buffer.concat([tarball, Buffer.from(tail)]))).code,
        "package-not-canonical",
      );
    }
  });

  it("is refused: a name, comment, time or extra field in the header", async () => {
    const tarball = await exampleTarball();
    const named = Buffer.concat([tarball.subarray(0, 10), Buffer.from("evil.tar\0"), tarball.subarray(10)]);
    named.writeUInt8(8, 3);
    assert.equal((await refusalOf(named)).code, "package-not-canonical");
    const dated = Buffer.from(tarball);
    dated.writeUInt32LE(1, 4);
    assert.equal((await refusalOf(dated)).code, "package-not-canonical");
  });

  it("is refused: a wrong checksum or length", async () => {
    for (const offset of [-8, -4]) {
      const damaged = Buffer.from(await exampleTarball());
      const at = damaged.length + offset;
      damaged.writeUInt8(damaged.readUInt8(at) ^ 1, at);
      assert.equal((await refusalOf(damaged)).code, "package-malformed");
    }
  });
});

describe("a package above the limits", () => {
  it("is refused once too much has come in, without reading on", async () => {
    let sent = 0;
    const endless = Readable.from(
      (async function* () {
        for (;;) {
          sent += 1024 * 1024;
          yield Buffer.alloc(1024 * 1024, 1);
        }
      })(),
    );
    await assert.rejects(readPackage(endless), { code: "package-too-large" });
    assert.ok(sent <= packageLimits.packedBytes + 20 * 1024 * 1024, `${sent} bytes were read`);
    assert.ok(endless.destroyed);
  });

  it("is refused when it is a decompression bomb, before it explodes", async () => {
    const zeros = Buffer.alloc(1024 * 1024);
    const stream = deflateRawSync(zeros, { finishFlush: 2 });
    const bomb = Buffer.concat([
      Buffer.from([0x1f, 0x8b, 8, 0, 0, 0, 0, 0, 0, 255]),
      ...new Array(10_000).fill(stream),
    ]);
    assert.ok(bomb.length < packageLimits.packedBytes);
    const before = process.memoryUsage().rss;
    assert.equal((await refusalOf(bomb)).code, "package-too-large");
    const grownMiB = (process.memoryUsage().rss - before) / 1024 / 1024;
    assert.ok(grownMiB < 600, `memory grew by ${grownMiB} MiB`);
  });

  it("is refused when its files are too large together", async () => {
    const half = Buffer.alloc(packageLimits.unpackedBytes / 2 + 1);
    assert.equal(
      await refusalOfTar([
        { name: "package/a", content: half },
        { name: "package/b", content: half },
      ]),
      "package-too-large",
    );
  });

  it("is refused when it has too many files", async () => {
    const [block] = [await tarOf([{ name: "package/00000" }])];
    const entries = Array.from({ length: packageLimits.entries + 1 }, (_, index) => {
      const header = Buffer.from(block.subarray(0, 512));
      header.write(String(index).padStart(5, "0"), 8, "latin1");
      fixChecksum(header);
      return header;
    });
    assert.equal(
      (await refusalOf(gzip(Buffer.concat([...entries, Buffer.alloc(1024)])))).code,
      "package-too-large",
    );
  });

  it("is refused when its extended headers are huge", async () => {
    const content = Buffer.from(`9000000 path=${"a/".repeat(3_000_000)}`);
    const patch = (header: Buffer) => void header.write("x", 156, "latin1");
    const code = await refusalOfTar([{ name: "PaxHeader", content, patch }, { name: "package/x" }]);
    assert.ok(["package-malformed", "package-not-canonical", "package-unsafe-entry"].includes(code), code);
  });
});

describe("a package with random damage", () => {
  it("is read as before or refused with a PackageError, and never hangs", async () => {
    const tar = await exampleTar();
    const original = await readPackage(gzip(tar));
    const change = fc.record({
      at: fc.oneof(
        fc.nat(tar.length - 1),
        fc.constantFrom(0, 100, 124, 135, 148, 156, 157, 257, 263, 345, 500, 511),
      ),
      kind: fc.constantFrom("byte", "insert", "remove", "copy", "zero"),
      block: fc.nat(Math.floor(tar.length / 512) - 1),
      value: fc.uint8Array({ minLength: 1, maxLength: 12 }),
      checksum: fc.boolean(),
    });
    await fc.assert(
      fc.asyncProperty(fc.array(change, { minLength: 1, maxLength: 4 }), async (changes) => {
        const damaged = changes.reduce(applyDamage, Buffer.from(tar));
        const outcome = await readPackage(gzip(damaged)).catch((error: unknown) => error);
        if (outcome instanceof PackageError) return;
        if (outcome instanceof Error) throw outcome;
        // Damage to a file's content alone makes another package, which no signature fits: it has to be the one reading.
        const { files } = outcome as typeof original;
        assert.ok(
          gunzipSync(await packPackage(files)).equals(damaged),
          "an archive that the writer does not make of its files was taken for a package",
        );
        if (damaged.equals(tar)) assert.deepEqual(outcome, original);
      }),
      { numRuns: 1_500 },
    );
  });

  it("is the same package or refused with a PackageError if the compressed bytes are damaged", async () => {
    const tarball = await exampleTarball();
    const { files } = await readPackage(tarball);
    await fc.assert(
      fc.asyncProperty(fc.nat(tarball.length - 1), fc.integer({ min: 1, max: 255 }), async (at, flip) => {
        const damaged = Buffer.from(tarball);
        damaged.writeUInt8(damaged.readUInt8(at) ^ flip, at);
        const outcome = await readPackage(damaged).catch((error: unknown) => error);
        if (outcome instanceof PackageError) return;
        // Some bits mean nothing: two bytes of the header, and what fills up the last byte of the data.
        assert.ok(typeof outcome === "object" && outcome !== null && "files" in outcome, String(outcome));
        assert.deepEqual(outcome.files, files);
      }),
      { numRuns: 500 },
    );
  });

  it("is refused with a PackageError if it is random bytes", async () => {
    const random = fc.oneof(
      fc.uint8Array({ maxLength: 3_000 }).map((bytes) => Buffer.from(bytes)),
      fc.uint8Array({ maxLength: 3_000 }).map((bytes) => gzip(Buffer.from(bytes))),
      fc
        .uint8Array({ maxLength: 600 })
        .map((bytes) =>
          Buffer.concat([Buffer.from([0x1f, 0x8b, 8, 0, 0, 0, 0, 0, 0, 255]), Buffer.from(bytes)]),
        ),
    );
    await fc.assert(
      fc.asyncProperty(random, async (bytes) => {
        await assert.rejects(readPackage(bytes), PackageError);
      }),
      { numRuns: 300 },
    );
  });
});

interface Damage {
  at: number;
  kind: string;
  block: number;
  value: Uint8Array;
  checksum: boolean;
}

function applyDamage(tar: Buffer, { at, kind, block, value, checksum }: Damage): Buffer {
  const blockAt = Math.min(block * 512, Math.max(0, tar.length - 512));
  let damaged: Buffer;
  if (kind === "insert") damaged = Buffer.concat([tar.subarray(0, at), value, tar.subarray(at)]);
  else if (kind === "remove") damaged = Buffer.concat([tar.subarray(0, at), tar.subarray(at + value.length)]);
  else if (kind === "copy") damaged = Buffer.concat([tar, tar.subarray(blockAt, blockAt + 512)]);
  else if (kind === "zero")
    damaged = Buffer.concat([tar.subarray(0, blockAt), Buffer.alloc(512), tar.subarray(blockAt)]);
  else {
    damaged = Buffer.from(tar);
    damaged.set(value.subarray(0, Math.max(0, damaged.length - at)), Math.min(at, damaged.length));
  }
  const headerAt = Math.floor(Math.min(at, damaged.length - 1) / 512) * 512;
  if (checksum && headerAt >= 0 && headerAt + 512 <= damaged.length) fixChecksum(damaged.subarray(headerAt));
  return damaged;
}

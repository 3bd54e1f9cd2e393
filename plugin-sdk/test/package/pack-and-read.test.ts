import assert from "node:assert/strict";
import { createHash } from "node:crypto";
import { Readable } from "node:stream";
import { describe, it } from "node:test";
import { gunzipSync } from "node:zlib";
import { PackageError, packageLimits, packPackage, readPackage } from "@plugboard/plugin-sdk/package";
import fc from "fast-check";
import { exampleManifest } from "../manifest/example-manifest.ts";
import { exampleFiles, exampleTar, exampleTarball, gzip, refusalOf, tarOf } from "./example-package.ts";

describe("a package", () => {
  it("is read as it was packed", async () => {
    const tarball = await exampleTarball();
    const read = await readPackage(tarball);
    assert.deepEqual(read.manifest, exampleManifest);
    assert.equal(read.mainCode, "module.exports.default = { actions: {} };");
    assert.deepEqual(
      read.files.map(({ path }) => path),
      ["README.md", "dist/plugin.js", "plugin.json"],
    );
    assert.equal(read.size, tarball.length);
    assert.equal(read.sha512, createHash("sha512").update(tarball).digest("hex"));
  });

  it("gives rise to the statement that its publisher signs", async () => {
    const read = await readPackage(await exampleTarball());
    const hash = (algorithm: string, content: string) => createHash(algorithm).update(content).digest("hex");
    const code = "module.exports.default = { actions: {} };";
    const manifest = JSON.stringify(exampleManifest);
    assert.deepEqual(read.statement, {
      id: "acme/shop",
      version: "1.2.3",
      size: read.size,
      sha512: read.sha512,
      files: [
        ["README.md", 11, hash("sha256", "# Acme Shop")],
        ["dist/plugin.js", code.length, hash("sha256", code)],
        ["plugin.json", manifest.length, hash("sha256", manifest)],
      ],
      permissions: exampleManifest.permissions,
      manifestSha512: hash("sha512", manifest),
    });
  });

  it("is the same bytes in whatever order the files come, on every machine", async () => {
    const files = exampleFiles();
    const tarball = await packPackage(files);
    assert.deepEqual(await packPackage(files.toReversed()), tarball);
    // A change of this digest breaks everyone's reproducible builds: it needs a reason and a line in the changelog.
    assert.equal(
      createHash("sha256")
        .update(await packPackage([{ path: "a.txt", content: Buffer.from("a".repeat(1_000)) }]))
        .digest("hex"),
      "82e6f6b1e2870ba63d1d70a84e6a67e3f8c4dbf38a3de97c57f56b2a49fb160b",
    );
  });

  it("has nothing in it of who packed it when and where", async () => {
    const tarball = await exampleTarball();
    assert.deepEqual([...tarball.subarray(0, 10)], [0x1f, 0x8b, 8, 0, 0, 0, 0, 0, 0, 255]);
    const header = gunzipSync(tarball).subarray(0, 512).toString("latin1").replaceAll("\0", "|");
    assert.match(header, /^package\/README\.md\|+000644 \|000000 \|000000 \|00000000013 00000000000 /);
  });

  it("is read from a stream, in chunks of any size", async () => {
    const tarball = await exampleTarball();
    for (const size of [1, 7, 100, tarball.length]) {
      const chunks = Array.from({ length: Math.ceil(tarball.length / size) }, (_, index) =>
        tarball.subarray(index * size, (index + 1) * size),
      );
      assert.equal((await readPackage(Readable.from(chunks))).sha512, (await readPackage(tarball)).sha512);
    }
  });

  it("is read if another gzip program compressed the same archive", async () => {
    const read = await readPackage(gzip(await exampleTar()));
    assert.equal(read.manifest.id, "acme/shop");
  });

  it("passes on what breaks the stream it comes from", async () => {
    const broken = Readable.from(
      (async function* () {
        yield Buffer.from([0x1f]);
        throw new Error("connection lost");
      })(),
    );
    await assert.rejects(readPackage(broken), /connection lost/);
  });

  it("keeps any files, with any content", async () => {
    const name = fc
      .string({ unit: fc.constantFrom(..."abcXYZ019._-+@ "), minLength: 1, maxLength: 30 })
      .filter((text) => !/^[ .]|[ .]$/.test(text) && !/^(?:con|prn|aux|nul|com|lpt)/i.test(text));
    const path = fc.array(name, { minLength: 1, maxLength: 4 }).map((segments) => `x-${segments.join("/")}`);
    const files = fc.uniqueArray(
      fc
        .tuple(path, fc.uint8Array({ maxLength: 2_000 }))
        .map(([path, bytes]) => ({ path, content: Buffer.from(bytes) })),
      {
        maxLength: 8,
        selector: (file) => (file.path.split("/")[0] ?? "").toLowerCase(),
      },
    );
    await fc.assert(
      fc.asyncProperty(files, async (more) => {
        const all = [...exampleFiles(), ...more];
        const read = await readPackage(await packPackage(all));
        const byPath = (left: { path: string }, right: { path: string }) => (left.path < right.path ? -1 : 1);
        assert.deepEqual(read.files.toSorted(byPath), all.toSorted(byPath));
      }),
      { numRuns: 100 },
    );
  });
});

describe("packPackage", () => {
  it("refuses what a reader would refuse", async () => {
    for (const path of [
      "../x",
      "/x",
      "a\\b",
      "a//b",
      "ü.txt",
      "nul.txt",
      "x".repeat(201),
      `${"a".repeat(90)}/${"b".repeat(90)}/${"c".repeat(10)}`,
    ]) {
      await assert.rejects(
        packPackage([{ path, content: Buffer.from("") }]),
        { code: "package-unsafe-entry" },
        path,
      );
    }
    const twice = ["a.txt", "A.txt"].map((path) => ({ path, content: Buffer.from("") }));
    await assert.rejects(packPackage(twice), { code: "package-duplicate-entry" });
    const many = Array.from({ length: packageLimits.entries + 1 }, (_, index) => ({
      path: `${index}`,
      content: Buffer.from(""),
    }));
    await assert.rejects(packPackage(many), { code: "package-too-large" });
  });
});

describe("plugin.json in a package", () => {
  async function problemsOf(manifest: string | Buffer | undefined) {
    const error = await refusalOf(await packPackage(exampleFiles({ "plugin.json": manifest })));
    return {
      code: error.code,
      pointers: error.problems.map(({ pointer }) => pointer),
      message: error.message,
    };
  }

  it("must be there, at the top", async () => {
    assert.equal((await problemsOf(undefined)).code, "manifest-missing");
    const nested = exampleFiles({
      "plugin.json": undefined,
      "dist/plugin.json": JSON.stringify(exampleManifest),
    });
    assert.equal((await refusalOf(await packPackage(nested))).code, "manifest-missing");
    const otherCase = exampleFiles({
      "plugin.json": undefined,
      "Plugin.json": JSON.stringify(exampleManifest),
    });
    assert.equal((await refusalOf(await packPackage(otherCase))).code, "manifest-missing");
  });

  it("must be valid, and all that is wrong with it is reported", async () => {
    const found = await problemsOf(JSON.stringify({ ...exampleManifest, version: "1", id: "x" }));
    assert.deepEqual(found.pointers.sort(), ["/id", "/version"]);
    assert.equal(found.code, "manifest-invalid");
  });

  it("must have what the build generates", async () => {
    const { contributes, ...source } = exampleManifest;
    assert.deepEqual((await problemsOf(JSON.stringify(source))).pointers, ["/contributes"]);
  });

  it("must be JSON that has one reading", async () => {
    const text = JSON.stringify(exampleManifest);
    for (const odd of [
      text.replace('"version"', '"version":"6.6.6","version"'),
      text.replace('"version"', '"\\u0076ersion":"6.6.6","version"'),
      text.replace('"maxBytes"', '"maxBytes":1,"maxBytes"'),
      text.replace('"reason"', '"__proto__":{},"reason"'),
      `\ufeff${text}`,
      `${text},`,
      `// comment\n${text}`,
      text.slice(0, -1),
      "",
    ]) {
      assert.equal((await problemsOf(odd)).code, "manifest-invalid", odd.slice(0, 60));
    }
    const latin1 = Buffer.from(text.replace("Acme Shop", "Acm\u00e9 Shop"), "latin1");
    assert.match((await problemsOf(latin1)).message, /not UTF-8/);
    assert.equal(
      (await problemsOf(`${" ".repeat(packageLimits.manifestBytes)}${text}`)).code,
      "manifest-invalid",
    );
  });
});

describe("the main script of a package", () => {
  it("must be there", async () => {
    const error = await refusalOf(
      await packPackage(exampleFiles({ "dist/plugin.js": undefined, "dist/Plugin.js": "" })),
    );
    assert.equal(error.code, "main-missing");
  });

  it("must be UTF-8 without NUL", async () => {
    for (const code of [Buffer.from([0x61, 0xff]), "a\0b", Buffer.from("module", "utf16le")]) {
      assert.equal(
        (await refusalOf(await packPackage(exampleFiles({ "dist/plugin.js": code })))).code,
        "main-invalid",
      );
    }
  });
});

describe("PackageError", () => {
  it("tells code, problems and cause", async () => {
    const error = await refusalOf(gzip(await tarOf([{ name: "package/a.txt" }])));
    assert.ok(error instanceof PackageError && error instanceof Error);
    assert.equal(error.code, "manifest-missing");
    assert.deepEqual(error.problems, []);
  });
});

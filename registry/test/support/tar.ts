import { gzipSync } from "node:zlib";

export interface TarEntry {
  /** As it stands in the archive, `package/…` included. */
  name: string;
  content?: Buffer;
  /** "0" a file, "1" a hard link, "2" a symbolic link, "5" a folder, "3" a device. */
  type?: string;
  linkname?: string;
}

/** A gzip-compressed tar archive (POSIX ustar) of whatever is asked for, also of what no packer would write. */
export function tarball(entries: TarEntry[]): Buffer {
  const blocks = entries.flatMap((entry) => {
    const content = entry.content ?? Buffer.alloc(0);
    return [header(entry, content.length), content, Buffer.alloc(-content.length & 511)];
  });
  return gzipSync(Buffer.concat([...blocks, Buffer.alloc(1024)]));
}

function header({ name, type = "0", linkname = "" }: TarEntry, size: number): Buffer {
  const block = Buffer.alloc(512);
  const octal = (value: number, length: number) => value.toString(8).padStart(length - 1, "0");
  block.write(name, 0);
  block.write(octal(0o644, 8), 100);
  block.write(octal(0, 8), 108);
  block.write(octal(0, 8), 116);
  block.write(octal(size, 12), 124);
  block.write(octal(0, 12), 136);
  block.write("        ", 148);
  block.write(type, 156);
  block.write(linkname, 157);
  block.write("ustar\u000000", 257);
  block.write(
    `${octal(
      block.reduce((sum, byte) => sum + byte, 0),
      7,
    )}\0 `,
    148,
  );
  return block;
}

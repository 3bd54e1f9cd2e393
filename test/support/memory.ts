import { closeSync, openSync, readFileSync, readSync } from "node:fs";

const chunkBytes = 8 * 1024 * 1024;
/** Of a page, in `/proc/<pid>/pagemap`. */
const entryBytes = 8;

/**
 * Which of the texts stand in what a process has written to memory (Linux), in one byte a letter or in two.
 * @returns undefined where the kernel does not let this account read it
 */
export function foundInMemory(pid: number, texts: string[]): string[] | undefined {
  const sought = texts.map((text) => ({
    text,
    forms: [Buffer.from(text, "latin1"), Buffer.from(text, "utf16le")],
  }));
  const overlap = Math.max(...sought.flatMap(({ forms }) => forms.map((form) => form.length)));
  const found = new Set<string>();
  let memory: number;
  try {
    memory = openSync(`/proc/${pid}/mem`, "r");
  } catch {
    return undefined;
  }
  const chunk = Buffer.alloc(chunkBytes + overlap);
  for (const [start, end] of writtenRanges(pid)) {
    for (let at = start; at < end; at += chunkBytes) {
      const length = readUpTo(memory, chunk, Math.min(chunk.length, end - at), at);
      const read = chunk.subarray(0, length);
      for (const { text, forms } of sought) if (forms.some((form) => read.includes(form))) found.add(text);
    }
  }
  closeSync(memory);
  return [...found];
}

/** Most of what a process may write to it has never touched: only the pages that are there are read. */
function writtenRanges(pid: number): [start: number, end: number][] {
  const maps = readFileSync(`/proc/${pid}/smaps`, "utf8");
  const pageBytes = 1024 * Number(/^KernelPageSize:\s+(\d+) kB$/m.exec(maps)?.[1]);
  const mapped = [...maps.matchAll(/^([0-9a-f]+)-([0-9a-f]+) rw/gm)].map(([, start = "", end = ""]) => [
    Number.parseInt(start, 16),
    Number.parseInt(end, 16),
  ]) as [number, number][];
  const pagemap = openSync(`/proc/${pid}/pagemap`, "r");
  const ranges: [number, number][] = [];
  for (const [start, end] of mapped) {
    const entries = Buffer.alloc(((end - start) / pageBytes) * entryBytes);
    const read = readUpTo(pagemap, entries, entries.length, (start / pageBytes) * entryBytes);
    if (read === 0) ranges.push([start, end]); // where nobody says which there are
    for (let at = 0; at < read; at += entryBytes) {
      // Bit 63: in memory; bit 62: swapped out.
      if (((entries[at + 7] ?? 0) & 0xc0) === 0) continue;
      const page = start + (at / entryBytes) * pageBytes;
      const last = ranges.at(-1);
      if (last?.[1] === page) last[1] = page + pageBytes;
      else ranges.push([page, page + pageBytes]);
    }
  }
  closeSync(pagemap);
  return ranges;
}

/** Nothing of what was given back meanwhile. */
function readUpTo(memory: number, into: Buffer, length: number, at: number): number {
  try {
    return readSync(memory, into, 0, length, at);
  } catch {
    return 0;
  }
}

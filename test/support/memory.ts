import { closeSync, openSync, readFileSync, readSync } from "node:fs";

const chunkBytes = 8 * 1024 * 1024;

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

function writtenRanges(pid: number): [start: number, end: number][] {
  const maps = readFileSync(`/proc/${pid}/maps`, "utf8");
  return [...maps.matchAll(/^([0-9a-f]+)-([0-9a-f]+) rw/gm)].map(([, start = "", end = ""]) => [
    Number.parseInt(start, 16),
    Number.parseInt(end, 16),
  ]);
}

/** Nothing of what was given back meanwhile. */
function readUpTo(memory: number, into: Buffer, length: number, at: number): number {
  try {
    return readSync(memory, into, 0, length, at);
  } catch {
    return 0;
  }
}

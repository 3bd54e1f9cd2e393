import { readdir, readFile } from "node:fs/promises";

/**
 * What a process and all those it started have in memory, without its PostgreSQL, in MiB. Pages that several share
 * count once between them (proportional set size). Linux only; elsewhere NaN.
 */
export async function treeMiB(pid: number): Promise<number> {
  const kibibytes = await Promise.all((await pidsBelow(pid)).map(proportionalKiB));
  return kibibytes.reduce((sum, one) => sum + one, 0) / 1024;
}

async function pidsBelow(root: number): Promise<number[]> {
  const childrenOf = new Map<number, number[]>();
  for (const name of await readdir("/proc").catch(() => [])) {
    if (!/^\d+$/.test(name)) continue;
    const stat = await readFile(`/proc/${name}/stat`, "utf8").catch(() => "");
    // The command's name stands in brackets and may hold anything; the parent is the second field after it.
    const [, command = "", rest = ""] = /^\d+ \((.*)\) (.*)$/s.exec(stat) ?? [];
    if (rest === "" || command === "postgres") continue;
    const parent = Number(rest.split(" ")[1]);
    childrenOf.set(parent, [...(childrenOf.get(parent) ?? []), Number(name)]);
  }
  const found = [root];
  for (const one of found) found.push(...(childrenOf.get(one) ?? []));
  return found;
}

async function proportionalKiB(pid: number): Promise<number> {
  const rollup = await readFile(`/proc/${pid}/smaps_rollup`, "utf8").catch(() => "");
  return Number(/^Pss:\s+(\d+) kB$/m.exec(rollup)?.[1] ?? 0);
}

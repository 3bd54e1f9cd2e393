import type { Account } from "./account.ts";

/**
 * How to name its working directory to a program that runs under another account. The directory may
 * lie beneath folders that account cannot enter, such as root's home; but a process is always let
 * into the directory it was started in, and Linux has a name for it.
 */
export function workingFolder(folder: string, account: Account | undefined): { cwd: string; name: string } {
  return { cwd: folder, name: account && process.platform === "linux" ? "/proc/self/cwd" : folder };
}

/** Options for `spawn` that give a program nothing of our environment, and the account's rights alone. */
export function spawnAs(account: Account | undefined) {
  return { env: { LC_ALL: "C", TZ: "UTC", PATH: "/usr/local/bin:/usr/bin:/bin" }, ...account };
}

import type { Account } from "./account.ts";

/** Linux's name for the working directory of whoever uses it. */
export const workingFolderName = "/proc/self/cwd";

/**
 * How to name its working directory to a program that runs under another account. The directory may
 * lie beneath folders that account cannot enter, such as root's home; but a process is always let
 * into the directory it was started in, and Linux has a name for that.
 */
export function workingFolder(folder: string, account: Account | undefined): { cwd: string; name: string } {
  return { cwd: folder, name: account && process.platform === "linux" ? workingFolderName : folder };
}

/** Options for `spawn` that give a program nothing of our environment, and the account's rights alone. */
export function spawnAs(account: Account | undefined) {
  return { env: { LC_ALL: "C", TZ: "UTC", PATH: "/usr/local/bin:/usr/bin:/bin" }, ...account };
}

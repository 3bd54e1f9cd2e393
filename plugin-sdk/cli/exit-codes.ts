/** What a command's exit code says; docs/cli.md and `plugboard --help` are made from this. */
export const exitCodeTable = {
  ok: { code: 0, meaning: "Done." },
  failed: {
    code: 1,
    meaning: "What was given does not pass: a plugin, a package, a test, a file. Each problem is named.",
  },
  usage: { code: 2, meaning: "The command line is wrong, or something that it needs was not given." },
  notFound: { code: 3, meaning: "A plugin, version, publisher, key, install or other thing is not there." },
  auth: {
    code: 4,
    meaning: "A token, API key, publisher key or passphrase is missing, wrong, or may not do this.",
  },
  network: {
    code: 5,
    meaning:
      "Registry or host cannot be reached, did not answer in time, or asks to come back later. Try again.",
  },
  conflict: {
    code: 6,
    meaning: "It does not fit what is there already: a version that exists, a consent that is not given yet.",
  },
  pending: { code: 7, meaning: "It was accepted and is not decided yet. The same command goes on waiting." },
  internal: { code: 70, meaning: "A fault of Plugboard itself; please report what it printed." },
  cancelled: { code: 130, meaning: "Cancelled at the terminal; nothing was changed." },
} as const;

export type ExitName = keyof typeof exitCodeTable;

/** By name: `exitCodes.usage` is 2. */
export const exitCodes = Object.fromEntries(
  Object.entries(exitCodeTable).map(([name, { code }]) => [name, code]),
) as { [Name in ExitName]: (typeof exitCodeTable)[Name]["code"] };

/** How a command ends that a registry or a host refused with this HTTP status. */
export function exitCodeOfStatus(status: number): number {
  if (status === 401 || status === 403) return exitCodes.auth;
  if (status === 404 || status === 410) return exitCodes.notFound;
  if (status === 409 || status === 412) return exitCodes.conflict;
  if (status === 408 || status === 429 || status >= 500) return exitCodes.network;
  return exitCodes.failed;
}

const MiB = 1024 * 1024;

/** The bounds of a package. They are enforced while reading, before anything beyond them is kept. */
export const packageLimits = {
  packedBytes: 20 * MiB,
  unpackedBytes: 100 * MiB,
  entries: 5_000,
  /** Of a path inside the package. */
  pathLength: 200,
  /** Of plugin.json. */
  manifestBytes: 2 * MiB,
} as const;

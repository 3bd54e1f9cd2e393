import type { Isolation } from "@plugboard/sandbox";
import type { KeyManagement } from "@plugboard/service-kit/crypto";
import type { CoreConfig } from "./config.ts";

/** What the host is told from outside, and what a program that builds one may put in the place of a part. */
export interface CoreOptions extends CoreConfig {
  /** How the names of vendors' hosts become addresses; the system's resolver by default. */
  egressResolve?: (hostname: string) => Promise<string[]>;
  /** What time it is, for what ends at one; in ms since 1970. */
  now?: () => number;
  /** Between two looks at what tenants have bought; an hour by default. */
  entitlementRefreshMs?: number;
  /** Between two looks for newer versions of what is installed; a minute by default. */
  updateRoundMs?: number;
  /** Who wraps the data keys of tenants; this process with its master key by default. */
  keyManagement?: KeyManagement;
  /** Between two looks for connections that are due for a check; 15 s by default. */
  healthRoundMs?: number;
  /** How long a host that is not heard of keeps its streams, and the pause after the first failure of one; 30 s and 1 s by default. */
  streamTimes?: { leaseMs?: number; unitMs?: number };
  /** Where its own registry loads the code of packages that it looks at; a process by default. For tests: see there. */
  scanIsolation?: Isolation | undefined;
  /** Where log lines go; standard output by default. */
  logDestination?: { write(line: string): void };
}

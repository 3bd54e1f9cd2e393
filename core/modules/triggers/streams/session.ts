import type { Logger } from "@plugboard/service-kit/observe";
import { isUnauthorizedClose, StreamEnded, type VendorStream } from "../../../kernel/capabilities/index.ts";
import { codeOf, detailOf, notItsFault, retryAfterOf } from "../failure.ts";
import { delayMs, stableMs } from "./delays.ts";
import { type ListenKernel, listen, ReconnectWanted } from "./listen.ts";
import * as queries from "./queries.ts";
import { createStore, type StoreKernel, StreamLost } from "./store.ts";

export interface SessionKernel extends ListenKernel, StoreKernel {
  /** Before a socket that follows on one failure; doubles from there. Default: a second. */
  unitMs?: number | undefined;
  logger: Logger;
}

/** Why this side ends a socket. `given-up`: another host has the stream, or the stream is gone. */
export type EndReason = "changed" | "switched-off" | "stopping" | "given-up";

/** One stream that this host listens on, from taking it to giving it up. */
export interface Session {
  readonly row: queries.StreamRow & queries.Circumstances;
  /** What was counted since the last look. */
  takeCounts(): queries.StreamCounts;
  /** What was taken could not be written down: it is for the next look. */
  giveBackCounts(counts: queries.StreamCounts): void;
  end(reason: EndReason): void;
  /** False where another credential than the connection's is in use; undefined as long as none is. */
  hasCurrentCredential(): Promise<boolean | undefined>;
  /** The credential in use is the connection's in this version. */
  noteCredential(version: number): void;
  /** Resolves when it has ended and that is written down: in how many ms it may begin anew, if it is this host's to say. */
  readonly ended: Promise<number | undefined>;
}

/** The vendor closes as servers do that go down for an update, or have served for long enough. */
const routineCodes = [1000, 1001, 1012];

export function openSession(kernel: SessionKernel, row: queries.StreamRow & queries.Circumstances): Session {
  const { db, unitMs } = kernel;
  const log = kernel.logger.child({
    tenantId: row.tenant_id,
    connectionId: row.connection_id,
    trigger: row.trigger,
  });
  const controller = new AbortController();
  const { signal } = controller;
  let reason: EndReason | undefined;
  let stream: VendorStream | undefined;
  let openedAt: number | undefined;
  const counted = { received: 0, sent: 0 };

  function takeCounts(): queries.StreamCounts {
    const { received = 0, sent = 0, lastMessageAt } = stream?.counts ?? {};
    const since = { received: received - counted.received, sent: sent - counted.sent, lastMessageAt };
    Object.assign(counted, { received, sent });
    return since;
  }

  async function opened(open: VendorStream): Promise<void> {
    stream = open;
    openedAt = performance.now();
    log.info("a stream is open");
    await queries.noteOpen(db, row);
  }

  /** When and how it goes on after this. */
  async function after(
    error: unknown,
  ): Promise<Pick<queries.StreamEnd, "failures" | "error" | "close" | "dueInMs">> {
    const close = error instanceof StreamEnded && error.close ? error.close : null;
    const shown = { code: codeOf(error), detail: detailOf(error, "The host could not listen.") };
    const same = { failures: row.failures, error: row.last_error, close: row.last_close };
    if (reason === "given-up") return { ...same, dueInMs: undefined };
    if (reason === "stopping") return { ...same, dueInMs: 0 };
    if (reason === "changed") return { failures: row.failures, error: null, close: null, dueInMs: 0 };
    // Due, and taken again as soon as it is on.
    if (reason === "switched-off" || notItsFault.includes(shown.code))
      return { failures: row.failures, error: switchedOff, close, dueInMs: 0 };
    const wasStable = openedAt !== undefined && performance.now() - openedAt >= stableMs;
    const before = wasStable ? 0 : row.failures;
    const isUnauthorized =
      close !== null && isUnauthorizedClose(close.code, await declaredCodes(kernel, row));
    const isRenewed = isUnauthorized && ((await stream?.renewCredential().catch(() => false)) ?? false);
    const isRoutine =
      error instanceof ReconnectWanted || isRenewed || routineCodes.includes(close?.code ?? 0);
    const failures = wasStable && isRoutine ? 0 : before + 1;
    const told = { ...shown, ...(isUnauthorized && { code: "stream-unauthorized" }) };
    const isFirstTry = isRoutine && before === 0;
    const dueInMs = isFirstTry
      ? delayMs({ failures: 0, unitMs })
      : delayMs({ failures, retryAfterMs: retryAfterOf(error), unitMs });
    return { failures, error: isRoutine ? null : told, close, dueInMs };
  }

  async function run(): Promise<number | undefined> {
    let error: unknown;
    try {
      await listen(kernel, row, { signal, opened, store: createStore(kernel, row) });
    } catch (thrown) {
      error = thrown;
    }
    if (error instanceof StreamLost) reason ??= "given-up";
    const how = await after(error);
    log[how.error && reason === undefined ? "warn" : "info"](
      { ...how, why: reason, ...(codeOf(error) === "internal-error" && { err: error }) },
      "a stream has ended",
    );
    await queries.releaseStream(db, row, { ...takeCounts(), ...how });
    // Given up to somebody else, or to what a person wants now.
    return how.dueInMs ?? 0;
  }

  return {
    row,
    takeCounts,
    giveBackCounts({ received, sent }) {
      counted.received -= received;
      counted.sent -= sent;
    },
    end(why) {
      reason ??= why;
      controller.abort();
    },
    hasCurrentCredential: async () => stream?.hasCurrentCredential(),
    noteCredential(version) {
      row.credential_version = version;
    },
    ended: run().catch((err) => {
      log.error(
        { err },
        "how a stream ended could not be written down; another host takes it when its lease is over",
      );
      return undefined;
    }),
  };
}

/** With which codes the vendor says that the credential is not good any more, by the plugin's manifest. */
async function declaredCodes(
  { connections, installs }: SessionKernel,
  row: queries.StreamRow,
): Promise<readonly number[]> {
  try {
    const { installId } = await connections.use(row.tenant_id, row.connection_id);
    const { contributes } = await installs.manifest(await installs.get(row.tenant_id, installId));
    const offer = contributes?.triggers?.[row.trigger];
    return offer?.kind === "stream" ? (offer.unauthorizedCodes ?? []) : [];
  } catch {
    return []; // removed meanwhile
  }
}

const switchedOff = {
  code: "connection-inactive",
  detail: "The connection, or the install of its plugin, is switched off.",
};

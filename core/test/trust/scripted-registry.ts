/** A registry that says whatever a test has it say, with keys of its own: also what no honest one would. */
import {
  addRootSignature,
  type Checkpoint,
  canonicalJson,
  generateSigningKey,
  type OnlineKey,
  type Root,
  type SignedRoot,
  type SigningKeyPair,
  sha256Hex,
  signStatement,
  statementTypes,
} from "@plugboard/plugin-sdk/trust";
import {
  changeRevocations,
  type LogEntry,
  RegistryUnavailable,
  type Revocations,
} from "@plugboard/registry/client";
import type { TrustSource } from "../../kernel/plugins/trust/source.ts";

export const now = Date.parse("2026-02-01T12:00:00.000Z");
const hourMs = 3_600_000;

/** All that a registry says at one moment. Copied, to be said again later, or to go two ways from there. */
export interface Said {
  roots: { root: Root; signed: SignedRoot }[];
  log: LogEntry[];
  revocations: Revocations;
  indexHash: string;
  /** The one that it gives out, if it does not make one when asked. */
  checkpoint?: string;
  /** What is blocked no more, and since when. */
  unblocked: { plugin: string; version: string; seq: number }[];
  /** Who signs checkpoints. */
  signer: SigningKeyPair;
}

export type RevocationPage = Awaited<ReturnType<TrustSource["getRevocationChanges"]>>;

export interface ScriptedRegistry {
  source: TrustSource;
  rootKeys: SigningKeyPair[];
  /** What it says now; a test may put anything in its place. */
  said: Said;
  /** How often it was asked for what. */
  asked: string[];
  isDown: boolean;
  /** What it says of changes in the list of revocations; honest, if there is nothing else. */
  changes?: (after: number, cursor: string | undefined) => RevocationPage;
  copy(): Said;
  /** Something happens: the log grows by one, and the index changes. */
  publish(what?: string): void;
  block(plugin: string, version: string): void;
  unblock(plugin: string, version: string): void;
  /** Adds a root that differs in this, signed by the threshold of all keys, or by these. */
  nextRoot(change: Partial<Root>, by?: SigningKeyPair[]): Promise<Root>;
  /** The checkpoint over all it says, but for this. */
  sign(change?: Partial<Checkpoint>, by?: SigningKeyPair): Promise<string>;
}

export async function scriptedRegistry(o: { threshold?: number; rootKeys?: number } = {}) {
  const { threshold = 2, rootKeys: count = 3 } = o;
  const rootKeys = await Promise.all(Array.from({ length: count }, generateSigningKey));
  const signer = await generateSigningKey();
  const said: Said = {
    roots: [],
    log: [],
    revocations: { blocked: [], keys: [] },
    unblocked: [],
    indexHash: sha256Hex("index 0"),
    signer,
  };
  const newest = () => said0().roots.at(-1) ?? fail();
  const registry: ScriptedRegistry = {
    rootKeys,
    said,
    asked: [],
    isDown: false,
    copy: () => structuredClone(registry.said),
    publish(what = "release") {
      const { log } = registry.said;
      const prev = log.at(-1);
      const seq = log.length + 1;
      log.push({
        seq,
        type: "release",
        bodyHash: sha256Hex(`${what} ${seq}`),
        prev: prev ? hashOf(prev) : "0".repeat(64),
        at: new Date(now + seq).toISOString(),
      });
      registry.said.indexHash = sha256Hex(`index after ${what} ${seq}`);
    },
    block(plugin, version) {
      registry.publish("block");
      const seq = registry.said.log.length;
      const block = { reason: "It was found out.", seq };
      const change = { kind: "version", plugin, version, block } as const;
      registry.said.revocations = changeRevocations(registry.said.revocations, [change]);
    },
    unblock(plugin, version) {
      registry.publish("unblock");
      const { blocked } = registry.said.revocations;
      const at = blocked.findIndex((one) => one.plugin === plugin && one.version === version);
      blocked.splice(at, 1);
      registry.said.unblocked.push({ plugin, version, seq: registry.said.log.length });
    },
    async nextRoot(change, by = rootKeys) {
      const previous = registry.said.roots.at(-1)?.root;
      const root: Root = {
        version: (previous?.version ?? 0) + 1,
        threshold,
        rootKeys: rootKeys.map(({ publicJwk }) => publicJwk),
        onlineKeys: previous?.onlineKeys ?? [signer.publicJwk],
        issuedAt: new Date(now).toISOString(),
        expiresAt: new Date(now + 365 * 24 * hourMs).toISOString(),
        ...change,
      };
      let signed: SignedRoot = { signatures: [] };
      for (const key of by) signed = await addRootSignature(root, signed, key);
      registry.said.roots.push({ root, signed });
      registry.publish("root");
      return root;
    },
    async sign(change = {}, by = registry.said.signer) {
      const { log, revocations, indexHash } = registry.said;
      const last = log.at(-1);
      const checkpoint: Checkpoint = {
        seq: log.length,
        logHead: last ? hashOf(last) : "0".repeat(64),
        indexHash,
        revocationsHash: sha256Hex(canonicalJson(revocations)),
        rootVersion: newest().root.version,
        issuedAt: new Date(now).toISOString(),
        expiresAt: new Date(now + 24 * hourMs).toISOString(),
        ...change,
      };
      return signStatement(statementTypes.checkpoint, checkpoint, by);
    },
    source: {
      getRoot: () => answer("root", () => ({ version: newest().root.version, ...newest().signed })),
      getRootVersion: (version) =>
        answer("root version", () => {
          const found = registry.said.roots.find(({ root }) => root.version === version) ?? fail();
          return { version, ...found.signed };
        }),
      getCheckpoint: () => answer("checkpoint", () => registry.said.checkpoint ?? registry.sign()),
      getLog: (after) => answer("log", () => registry.said.log.slice(after, after + 1000)),
      getRevocations: () => answer("revocations", () => structuredClone(registry.said.revocations)),
      getRevocationChanges: (after, cursor) =>
        answer("changes", () => registry.changes?.(after, cursor) ?? honestChanges(after)),
    },
  };
  function said0(): Said {
    return registry.said;
  }
  function honestChanges(after: number): RevocationPage {
    const { revocations, unblocked } = registry.said;
    const kind = "version" as const;
    const items = [
      ...unblocked.map(({ plugin, version, seq }) => ({ kind, plugin, version, seq, block: null })),
      ...revocations.blocked.map(({ plugin, version, reason, seq }) => ({
        kind,
        plugin,
        version,
        seq,
        block: { reason, seq },
      })),
    ];
    return {
      items: items.filter(({ seq }) => seq > after).map(({ seq: _, ...change }) => change),
      nextCursor: null,
    };
  }
  async function answer<T>(what: string, give: () => T | Promise<T>): Promise<T> {
    registry.asked.push(what);
    if (registry.isDown) throw new RegistryUnavailable("It is down.");
    return give();
  }
  await registry.nextRoot({});
  return registry;
}

/** The online keys of a root after another took the place of the first. */
export function rotated(
  before: OnlineKey[],
  next: SigningKeyPair,
  o: { until: number; stolen?: true },
): OnlineKey[] {
  return [...before.map((key) => ({ ...key, ...o })), next.publicJwk];
}

function hashOf({ seq, type, bodyHash, prev, at }: LogEntry): string {
  return sha256Hex(canonicalJson({ seq, type, bodyHash, prev, at }));
}

function fail(): never {
  throw new RegistryUnavailable("There is no such thing.");
}

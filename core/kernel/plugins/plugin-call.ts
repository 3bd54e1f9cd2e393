import type { EntityOperation, Manifest, WritingOperation } from "@plugboard/plugin-sdk/manifest";
import type { CallTarget, Json } from "@plugboard/sandbox";
import type { EgressConnection, OpenCapability, StreamOpening } from "../capabilities/index.ts";
import type { CallEffects } from "./call-effects.ts";
import type { Install } from "./installs.ts";

/** The account at the vendor that a call goes through. */
export type CallConnection = Omit<EgressConnection, "pluginId" | "auth"> & { authType: string };

/** Which code runs, and for whom. An upgrade names the release that is to come, which is no install's yet. */
export type RunnableInstall = Pick<Install, "id" | "tenantId" | "plugin" | "version" | "tarballSha512"> &
  Partial<Pick<Install, "storageEpoch">>;

/** One call of plugin code, before the host has looked at it. */
export interface PluginCall {
  install: RunnableInstall;
  target: CallTarget;
  /** Made up if not given. */
  callId?: string | undefined;
  input: Json;
  connection?: CallConnection | undefined;
  /** Stands in for the install's own storage, e.g. while an upgrade may still be given up. */
  storage?: OpenCapability | undefined;
  /** Stands in for `events` in the same way. */
  events?: OpenCapability | undefined;
  /** Ids of the tenant's files that the input hands over. */
  files?: readonly string[];
  deadlineMs?: number | undefined;
  /** Of an action: what the vendor is to know this wish by. */
  idempotencyKey?: string | undefined;
  /** Is told what the call does. */
  effects?: CallEffects;
}

/** One call of what a plugin offers: over which connection, with what. */
export interface OfferCall {
  /** Reads the install as it is by now. */
  install(): Promise<Install>;
  connection: CallConnection;
  input: Json;
  /** Whether whoever calls may read the tenant's files, and so hand them over. Default: no. */
  handsOver?: boolean;
  /** Made up if not given. */
  callId?: string;
  /**
   * Runs when the input was found right, and gives the input to go on with. `fits` says whether another one would be
   * right too; `signal` is aborted when the call is given up.
   */
  beforeRun?(fits: (input: Json) => boolean, signal: AbortSignal): Promise<Json>;
  signal?: AbortSignal;
  /** Is told what the call does. */
  effects?: CallEffects;
  /** As what and how often it counts, where the plugin is priced by usage. Default: once, as what is called. */
  counts?: { name: string; units: number; made(output: Json): number };
}

export interface ActionCall extends OfferCall {
  action: string;
  /** The same for the same wish, however often it is tried. */
  idempotencyKey: string;
}

export interface EntityCall extends OfferCall {
  entity: string;
  operation: EntityOperation | `batch.${WritingOperation}`;
}

/** One poll of a trigger, with the input `{ cursor, config }`; or what one on a stream is asked, with `{ state, config, … }`. */
export interface TriggerCall extends OfferCall {
  trigger: string;
}

/** One delivery of a vendor's; its input is `{ delivery }`. */
export type NormalizeCall = OfferCall;

/** One raw request to the vendor, with the rights of the plugin and without its code. */
export interface VendorCall extends Pick<OfferCall, "install" | "connection" | "signal"> {
  /** The request, in the form of the plugin's own `fetch`. */
  requestOf(manifest: Manifest): {
    method: string;
    url: string;
    headers: [string, string][];
    body: Uint8Array<ArrayBuffer> | null;
    redirect: "follow" | "manual";
  };
}

/** A socket that a plugin asked for. */
export interface StreamCall extends Pick<OfferCall, "install" | "connection"> {
  trigger: string;
  opening: StreamOpening;
  /** Ends it. */
  signal: AbortSignal;
}

export interface VendorReply {
  status: number;
  headers: [string, string][];
  /** Decoded, without the credential. */
  body: Uint8Array<ArrayBuffer>;
}

/** One run of a hook of one plugin. */
export interface HookCall {
  install: RunnableInstall;
  hook: string;
  input: Json;
  storage?: OpenCapability;
  events?: OpenCapability;
  /** Wall clock, in ms. */
  deadlineMs: number;
  signal?: AbortSignal;
}

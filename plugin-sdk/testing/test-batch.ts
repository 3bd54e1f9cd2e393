import type { Json } from "../author/index.ts";

/** One write of a batch, as a client of the API asks for it. */
export interface TestWrite {
  op: "create" | "update" | "upsert" | "remove";
  /** Not with `create`. */
  key?: string;
  /** With `update`, the fields that change; not with `remove`. */
  record?: { [field: string]: Json };
  /** What the vendor is to know the write by. Default: a key of its own. */
  idempotencyKey?: string;
}

/** What became of a write. */
export type TestWriteOutcome =
  | { status: "succeeded"; key: string; record?: { [field: string]: Json } }
  /** `unknown`: whether it was made nobody can tell. The code is that of the PluginError, or of the sandbox. */
  | { status: "failed" | "unknown"; code: string; message: string; details?: unknown; retryAfterMs?: number };

import { Type } from "typebox";
import { timestamp } from "../names.ts";
import { logEntryTypes } from "../transparency/index.ts";

const sha256 = Type.String({ pattern: "^[0-9a-f]{64}$" });

const LogEntry = Type.Object({
  seq: Type.Integer({ minimum: 1, description: "Its place, without gaps." }),
  type: Type.Enum(logEntryTypes),
  bodyHash: sha256,
  prev: Type.String({
    ...sha256,
    description: "SHA-256 of the canonical JSON (RFC 8785) of the entry before; 64 zeros in the first.",
  }),
  at: timestamp,
});

export const LogPage = Type.Object({ items: Type.Array(LogEntry, { description: "Oldest first." }) });

export const LogEntryWithBody = Type.Object({
  ...LogEntry.properties,
  body: Type.Union([Type.String(), Type.Null()], {
    description:
      "What was said: a compact JWS, or canonical JSON. Null where it is about a private plugin, and not of the tenant that asks.",
  }),
});

/** So many entries answer one request; a host that was away for long asks again. */
export const logPageSize = 1000;

import { CapabilityError as SandboxCapabilityError } from "@plugboard/sandbox";

/**
 * Every code that a capability refuses with, and what it tells a plugin's author. The codes are part of what a plugin
 * can rely on: they may be added to, not renamed.
 */
export const capabilityErrors = {
  "fetch-invalid-request":
    "The request is malformed: its method, URL, headers or body are not what HTTP or the broker allows.",
  "fetch-not-granted": "No network permission of the plugin covers this host, port, method and path.",
  "fetch-connection-busy":
    "The connection has as many requests in flight as it may. Repeat the request when one has ended.",
  "fetch-tenant-busy":
    "The tenant's requests in flight, or their bodies, are as many as they may be. Repeat the request when one has ended.",
  "fetch-plugin-busy":
    "The plugin's requests in flight, or their bodies, are as many as they may be. Repeat the request when one has ended.",
  "fetch-host-busy":
    "The host has as many requests in flight as it may, or as many bodies. Repeat the request when one has ended.",
  "fetch-queue-full":
    "As many requests as allowed wait for their turn already. Repeat the request later, and send less at a time.",
  "fetch-rate-limited":
    "The vendor's rate limit would have kept the request waiting for longer than it may. Repeat it after `retryAfterMs`.",
  "fetch-circuit-open":
    "The vendor has failed too often over this connection, so it is left alone for a while. Repeat the request after `retryAfterMs`.",
  "fetch-dns-failed": "The host's name could not be resolved.",
  "fetch-address-not-public": "The host's name leads to an address that is not on the public internet.",
  "fetch-credential-unusable":
    "The connection's credential cannot be used: it could not be opened, does not fit the declared auth, or is too short to be kept secret.",
  "fetch-request-too-large": "The request's body is larger than the broker sends.",
  "fetch-response-too-large": "The vendor's reply, decompressed, is larger than the broker takes.",
  "fetch-redirect-refused":
    "The vendor redirected to where the broker does not follow: to plain http, in a loop, out of the URL schemes, or with the credential in the URL.",
  "fetch-hook-refused":
    "Another plugin of the tenant has to look at the connection's requests or replies, and could not. The message says whether the request was sent.",
  "fetch-timeout": "The request, with its redirects and retries, took longer than it may.",
  "fetch-failed": "The vendor could not be reached, its certificate is not valid, or it broke off its reply.",
  "fetch-aborted": "The call that made this request has ended.",
  "stream-refused": "The vendor answered the handshake of a stream otherwise than by opening a WebSocket.",
  "stream-unauthorized":
    "The vendor does not take the connection's credential for a stream, not even a fresh one.",
  "stream-closed": "The vendor closed the stream.",
  "stream-silent":
    "Nothing was heard over the stream for too long, or nothing was taken, so that the vendor counts as gone.",
  "stream-malformed":
    "The vendor sent what is no proper WebSocket, or what was not asked for, such as compression.",
  "stream-message-too-large": "A message over a stream is larger than one may be.",
  "stream-binary-not-granted": "The vendor sent a binary message, and the plugin has no permission `binary`.",
  "connection-inactive": "The connection is not active.",
  "storage-invalid-argument": "A key, value, version or option is not of the form that storage takes.",
  "storage-conflict": "The key has another version than the one expected; read it again.",
  "storage-quota-exceeded": "The install's plugin stores as many bytes as it may.",
  "storage-value-too-large": "The value takes more bytes than one may.",
  "storage-too-many-keys": "The install's plugin stores as many keys as it may.",
  "storage-busy":
    "As many storage operations as allowed are under way already, or changes of installs hold as much memory as they may. Repeat it when one has ended.",
  "storage-gone": "The install was removed, and what it stored with it.",
  "storage-version-changed":
    "The install was moved to another version while this call ran, so it may write no more. The call can be repeated.",
  "storage-aborted": "The call that this operation belongs to has ended.",
  "event-invalid-argument": "The type, data or option of an event is not what it must be.",
  "event-not-granted": "The plugin's `permissions.events.publish` does not cover the event's type.",
  "event-too-large": "The event's data takes more bytes than one may.",
  "events-limit-exceeded":
    "The call, or the plugin in this minute, has published as many events as it may, or those that are kept take as much as they may.",
  "event-aborted": "The call that this event belongs to has ended.",
  "file-invalid-argument": "An id, option or content is not of the form that files take.",
  "file-not-found":
    "There is no such file for this call: it never was, it is another's and was not handed over, or its time is over.",
  "file-too-large": "The file has more bytes than one may.",
  "file-line-too-long": "A line of the file is longer than one may be; read the file with `files.read`.",
  "files-limit-exceeded":
    "The install, or the tenant, has as many files, or as many bytes in them, as it may.",
  "files-busy": "As many files as allowed are on their way already. Repeat it when one has come through.",
  "file-aborted": "The call that was at the file has ended, or the file was taken away meanwhile.",
  "database-busy":
    "Other operations of plugins' storage and events, this tenant's or all, kept this one waiting for too long. Repeat it later.",
  "log-invalid-line": "A log line is not of the shape { level, message, fields? }.",
  "log-line-too-large": "A log line is larger than one may be.",
  "log-limit-exceeded": "The call has written as many log lines or bytes as it may.",
} as const satisfies Record<string, string>;

export type CapabilityErrorCode = keyof typeof capabilityErrors;

/** Limits that refuse with a code that others refuse with too. */
export type LimitBehind =
  | "hostQueries"
  | "hostQueriesPerTenant"
  | "eventsPerMinute"
  | "eventStorageBytes"
  | "files"
  | "fileStorageBytes"
  | "filesPerTenant"
  | "fileStorageBytesPerTenant"
  | "fileTransfersPerInstall"
  | "fileTransfersPerPlugin"
  | "fileTransfersPerTenant"
  | "hostFileTransfers";

/**
 * A capability's refusal, one of the table above. `code` and `message` cross into the sandbox and are rebuilt there, so
 * neither ever holds a credential, and no library's error is passed on as a cause.
 */
export class CapabilityError extends SandboxCapabilityError {
  declare readonly code: CapabilityErrorCode;
  /** Which limit it is about, where the code does not say; for the host's metrics. */
  readonly reached: LimitBehind | undefined;

  /** @param retryAfterMs when it is worth another try, if that is known */
  constructor(code: CapabilityErrorCode, message: string, reached?: LimitBehind, retryAfterMs?: number) {
    super(code, message, retryAfterMs === undefined ? {} : { retryAfterMs });
    this.reached = reached;
  }
}

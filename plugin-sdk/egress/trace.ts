/** One request of the plugin, as far as anybody may see it: without headers and bodies. */
export interface TracedRequest {
  method: string;
  /** As the plugin wrote it, so without the credential. */
  url: string;
  durationMs: number;
  /** What the vendor answered. */
  status?: number;
  /** Why there was no answer, or none was asked for. */
  refused?: { code: string; message: string };
  /** What let it through. */
  permission?: string;
  reason?: string;
  /** Whether the connection's credential went with it. */
  authenticated?: boolean;
}

export function formatRequest(request: TracedRequest): string {
  const { method, url, durationMs, status, refused, permission, reason, authenticated } = request;
  const outcome = refused ? `refused: ${refused.code}: ${refused.message}` : `${status}`;
  const why = permission ? ` by ${permission} (${reason})` : "";
  const credential = authenticated ? ", with the credential" : "";
  return `${method} ${url} ${outcome} in ${durationMs} ms${why}${credential}`;
}

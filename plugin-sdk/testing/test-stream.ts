import type { Json, StreamMessage } from "../author/index.ts";

/** A trigger on a stream that is switched on; the test is the vendor at the other end. */
export interface TestStream {
  /** The sockets that the plugin asked for, in order, without the credential. */
  readonly connections: { url: string; headers: { [name: string]: string }; protocols: string[] }[];
  /**
   * The vendor says something. Answers what that told, each item once; the same is in `host.events`, as `trigger.<name>`.
   *
   * @throws {PluginFailure} when a message cannot be read; those before it count, and another socket was opened
   */
  receive(...messages: StreamMessage[]): Promise<Json[]>;
  /** What the plugin has said so far, heartbeats included, over whatever socket. */
  readonly sent: StreamMessage[];
  /** The vendor closes, so that another socket is opened. Default: 1006, it breaks off. */
  close(code?: number, reason?: string): Promise<void>;
  /** What the plugin goes on with. */
  readonly state: Json;
}

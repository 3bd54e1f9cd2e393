import { Socket } from "node:net";
import pg from "pg";
import { codeOf } from "../errors.ts";

/** Which lock says "a host uses this server": shared by hosts, exclusive for the one that stops it. */
const lockKey = 0x506c7567;

/** A host's hold on the server: a session lock, which goes when the host goes, however it goes. */
export interface Lease {
  /** The session that holds it, on the administrative database. */
  client: pg.Client;
  /** Resolves if the connection is lost without having been given back. */
  lost: Promise<Error>;
  /**
   * Gives the hold back. If no other host has one, `stop` is called while newcomers are kept out.
   */
  release(stop: () => Promise<void>): Promise<void>;
}

/**
 * Takes a lease.
 *
 * @returns undefined if the server is starting, stopping or already gone: look again in a moment.
 * @throws what the server said, if it is there and says no.
 */
export async function takeLease(
  url: string,
  options: { keepsProcessAlive: boolean },
): Promise<Lease | undefined> {
  const socket = new Socket();
  const client = new pg.Client({
    connectionString: url,
    application_name: "plugboard-lease",
    keepAlive: true,
    stream: () => socket,
  });
  let released = false;
  const lost = new Promise<Error>((resolve) => {
    client.on("error", (error) => {
      if (!released) resolve(error);
    });
    client.on("end", () => {
      if (!released) resolve(new Error("The connection to the database ended."));
    });
  });
  try {
    await client.connect();
    const { rows } = await client.query<{ held: boolean }>("select pg_try_advisory_lock_shared($1) as held", [
      lockKey,
    ]);
    if (!rows[0]?.held) {
      released = true;
      await client.end();
      return undefined;
    }
  } catch (error) {
    released = true;
    client.end().catch(() => {});
    if (isPassing(error)) return undefined;
    throw error;
  }
  if (!options.keepsProcessAlive) socket.unref();
  return {
    client,
    lost,
    async release(stop) {
      released = true;
      socket.ref();
      try {
        await client.query("select pg_advisory_unlock_shared($1)", [lockKey]);
        const { rows } = await client.query<{ last: boolean }>("select pg_try_advisory_lock($1) as last", [
          lockKey,
        ]);
        if (rows[0]?.last) await stop();
      } catch (error) {
        if (!isPassing(error)) throw error; // it went away by itself, which is what was wanted
      } finally {
        await client.end().catch(() => {});
      }
    },
  };
}

/** 57P01: being shut down; 57P02: another process of it crashed; 57P03: starting or stopping; 53300: all slots are taken. */
const passing = new Set(["57P01", "57P02", "57P03", "53300", "ECONNREFUSED", "ECONNRESET", "EPIPE"]);

function isPassing(error: unknown): boolean {
  const code = codeOf(error);
  if (code !== undefined) return passing.has(code);
  return (
    error instanceof Error && /Connection terminated|connection ended|not queryable/i.test(error.message)
  );
}

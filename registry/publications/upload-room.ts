import { httpErrors } from "@plugboard/service-kit/http";

/** How many bytes of packages a process takes in at a time; each is held whole until it was looked at. */
export interface UploadRoomLimits {
  bytesAtOnce: number;
  /** Of these, one publisher's: so that nobody keeps all others out alone. */
  bytesAtOncePerPublisher: number;
}

/**
 * Room for what was announced, before any of it is read.
 *
 * @returns gives the room back; calling it again does nothing
 * @throws `rate-limited`
 */
export type EnterRoom = (publisher: string, bytes: number) => () => void;

export function createUploadRoom({ bytesAtOnce, bytesAtOncePerPublisher }: UploadRoomLimits): EnterRoom {
  const taken = new Map<string, number>();
  let total = 0;
  return (publisher, bytes) => {
    const own = taken.get(publisher) ?? 0;
    // One alone is let in whatever its size: packages have a limit of their own.
    if (own > 0 && own + bytes > bytesAtOncePerPublisher) {
      throw full(`"${publisher}" is sending in several packages. Wait for them to end.`);
    }
    if (total > 0 && total + bytes > bytesAtOnce) throw full("Many packages are being sent in.");
    taken.set(publisher, own + bytes);
    total += bytes;
    let isIn = true;
    return () => {
      if (!isIn) return;
      isIn = false;
      total -= bytes;
      const left = (taken.get(publisher) ?? 0) - bytes;
      if (left > 0) taken.set(publisher, left);
      else taken.delete(publisher);
    };
  };
}

function full(why: string) {
  return httpErrors.error(
    "rate-limited",
    `${why} Send this one again later.`,
    {},
    { headers: { "Retry-After": "10" } },
  );
}

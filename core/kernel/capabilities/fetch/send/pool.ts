import { whileOpen } from "../call.ts";
import { createRecent } from "../recent.ts";
import type { OutgoingRequest } from "../types.ts";
import { dial, type Target } from "./dial.ts";
import { openHttp1 } from "./http1.ts";
import { openHttp2 } from "./http2.ts";
import type { Link } from "./link.ts";

type To = Pick<OutgoingRequest, "url" | "route">;

/** The open links of one connection. How many there are is limited by the requests in flight. */
export interface Pool {
  /**
   * Gives a link with a place for a request: one that is kept, or a new one to addresses that were checked for this request.
   * @throws what `dial` and the opening of a link throw
   */
  take(to: To, signal: AbortSignal): Promise<{ link: Link; isKept: boolean }>;
  close(): void;
}

/** Hosts of which a connection remembers something, beside its links. */
const mostPlaces = 100;

export interface PoolOptions {
  /** Whether HTTP/2 is offered to vendors. */
  http2: boolean;
}

export function createPool({ http2 }: PoolOptions): Pool {
  const protocols: Target["protocols"] = http2 ? ["h2", "http/1.1"] : ["http/1.1"];
  const linksTo = new Map<string, Link[]>();
  const sessions = createRecent<Buffer>(mostPlaces);
  /** Places that speak HTTP/1.1: each request needs a link of its own. */
  const oneAtATime = createRecent<true>(mostPlaces);
  /** Links that are being opened to places that may speak HTTP/2, and whether others can share them. */
  const opening = new Map<string, Promise<boolean>>();

  function remove(place: string, link: Link): void {
    const others = linksTo.get(place)?.filter((other) => other !== link) ?? [];
    if (others.length > 0) linksTo.set(place, others);
    else linksTo.delete(place);
  }

  async function open(place: string, to: To, signal: AbortSignal): Promise<Link> {
    const target: Target = {
      ...to,
      protocols,
      session: sessions.get(place),
      onSession: (session: Buffer) => sessions.set(place, session),
    };
    const socket = await dial(target, signal);
    let link: Link | undefined;
    const onClose = () => link && remove(place, link);
    const isHttp2 = "alpnProtocol" in socket && socket.alpnProtocol === "h2";
    if (!isHttp2) oneAtATime.set(place, true);
    link = isHttp2 ? await openHttp2(place, socket, signal, onClose) : openHttp1(place, socket, onClose);
    if (!link.claim()) {
      link.close();
      throw new Error("The connection was closed, or takes no requests.");
    }
    linksTo.set(place, [...(linksTo.get(place) ?? []), link]);
    return link;
  }

  async function openFirst(place: string, to: To, signal: AbortSignal): Promise<Link> {
    const { promise, resolve } = Promise.withResolvers<boolean>();
    opening.set(place, promise);
    let isShared = false;
    try {
      const link = await open(place, to, signal);
      isShared = !oneAtATime.get(place);
      return link;
    } finally {
      opening.delete(place);
      resolve(isShared);
    }
  }

  return {
    async take(to, signal) {
      const place = placeOf(to);
      for (let waits = true; ; ) {
        // The one used last is the least likely to be closed.
        const kept = linksTo.get(place)?.findLast((link) => link.claim());
        if (kept) return { link: kept, isKept: true };
        const isAlone = !http2 || "standIn" in to.route || oneAtATime.get(place);
        const first = isAlone ? undefined : opening.get(place);
        if (first && waits) {
          waits = await whileOpen({ signal }, first);
          continue;
        }
        const opens = isAlone || first ? open : openFirst;
        return { link: await opens(place, to, signal), isKept: false };
      }
    },
    close() {
      for (const link of [...linksTo.values()].flat()) link.close();
    },
  };
}

/** A vendor's host and a stand-in for it are two places: what was opened to the one is never used for the other. */
function placeOf({ url, route }: To): string {
  return "standIn" in route ? route.standIn.origin : url.origin;
}

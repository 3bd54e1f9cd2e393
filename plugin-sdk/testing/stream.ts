import type { CarriedAnswer, CarriedOpening, Heartbeat, Json, StreamMessage } from "../author/index.ts";
import { describeNotGranted, ExchangeRefusal, readHandshake } from "../exchange/index.ts";
import { type Manifest, offerLimits, permitsRequest } from "../manifest/index.ts";
import type { HostClock } from "./clock.ts";
import type { TestStream } from "./test-stream.ts";

export interface StreamSurroundings {
  permissions: Manifest["permissions"];
  /** The connection's settings. */
  connection: { [field: string]: Json };
  clock: HostClock;
  /** Calls the trigger's `open` or `receive`. */
  ask(operation: "open" | "receive", input: { [member: string]: Json }): Promise<Json>;
  tell(item: Json): void;
}

/** Switches a trigger on a stream on: the plugin is asked where to connect, and is connected there. */
export async function openStream(
  { permissions, connection, clock, ask, tell }: StreamSurroundings,
  { config = {} }: { config?: { [field: string]: Json } },
): Promise<TestStream> {
  const connections: TestStream["connections"] = [];
  const sent: StreamMessage[] = [];
  const seen = new Set<string>();
  let state: Json = null;
  let heartbeat: Heartbeat | null = null;
  let beatAt: number | undefined;

  function goOn(answer: Omit<CarriedAnswer<Json>, "items">): void {
    if (answer.state !== undefined) state = checkState(answer.state);
    sent.push(...answer.send);
    if (answer.heartbeat === undefined) return;
    heartbeat = answer.heartbeat;
    beatAt = heartbeat ? clock.now() + heartbeat.everyMs : undefined;
  }

  async function open(lastClose: { code: number; reason: string } | null): Promise<void> {
    heartbeat = null;
    beatAt = undefined;
    const opening = (await ask("open", { state, config, lastClose })) as unknown as CarriedOpening;
    const { url, headers } = check(opening);
    const { protocols = [] } = opening;
    connections.push({
      url: `wss${url.href.slice("https".length)}`,
      headers: Object.fromEntries(headers),
      protocols,
    });
    goOn(opening);
  }

  /** What a host would refuse before anything is sent. @throws {TypeError} */
  function check(opening: CarriedOpening) {
    try {
      const handshake = readHandshake(opening);
      if (permitsRequest(permissions.network, handshake, connection)) return handshake;
      throw new TypeError(describeNotGranted(handshake, permissions.network));
    } catch (error) {
      throw error instanceof ExchangeRefusal ? new TypeError(error.message, { cause: error }) : error;
    }
  }

  async function hear(message: StreamMessage): Promise<Json[]> {
    refuseBinary(message, permissions);
    const answer = (await ask("receive", {
      messages: [message],
      state,
      config,
    })) as unknown as CarriedAnswer<Json>;
    const fresh = [...new Map(answer.items.map((one) => [one.key, one])).values()].filter(
      ({ key }) => !seen.has(key),
    );
    goOn(answer);
    for (const { key, item } of fresh) {
      seen.add(key);
      tell(item);
    }
    if (answer.reconnect) await open(null);
    return fresh.map(({ item }) => item);
  }

  await open(null);
  clock.onTime({
    dueAt: () => beatAt,
    async act() {
      if (!heartbeat) return;
      sent.push(heartbeat.send);
      beatAt = clock.now() + heartbeat.everyMs;
    },
  });
  return {
    connections,
    sent,
    async receive(...messages) {
      const told: Json[] = [];
      try {
        for (const message of messages) told.push(...(await hear(message)));
      } catch (error) {
        await open(null);
        throw error;
      }
      return told;
    },
    close: (code = 1006, reason = "") => open(code === 1006 ? null : { code, reason }),
    get state() {
      return state;
    },
  };
}

function checkState(state: Json): Json {
  const { length } = JSON.stringify(state);
  if (length <= offerLimits.stateLength) return state;
  throw new TypeError(
    `The state has ${length} characters as JSON; ${offerLimits.stateLength} are the most it may have.`,
  );
}

/** @throws {TypeError} what a host would end the stream for */
function refuseBinary(message: StreamMessage, { binary }: Manifest["permissions"]): void {
  if (typeof message === "string" || binary) return;
  throw new TypeError(
    "A host gives binary messages to plugins with permissions.binary alone; this one has none, so the stream would end.",
  );
}

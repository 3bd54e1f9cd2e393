import type { CarriedAnswer, CarriedOpening, Heartbeat } from "@plugboard/plugin-sdk";
import { offerLimits } from "@plugboard/plugin-sdk/manifest";
import type { Json } from "@plugboard/sandbox";
import { coreError } from "../../../errors.ts";
import type { VendorStream } from "../../../kernel/capabilities/index.ts";
import type { Connections } from "../../../kernel/connections/index.ts";
import type { Installs, PluginRunner } from "../../../kernel/plugins/index.ts";
import type { StreamRow } from "./queries.ts";
import { type StoreAnswer, StreamLost } from "./store.ts";

export interface ListenKernel {
  connections: Pick<Connections, "use">;
  installs: Pick<Installs, "get" | "manifest">;
  runner: Pick<PluginRunner, "runTrigger" | "openStream">;
}

/** The vendor wants another socket, as the plugin has read. */
export class ReconnectWanted extends Error {}

/** Handed to the plugin at a time. */
const mostAtATime = 64;

/**
 * Opens the stream's socket and hands what comes over it to the plugin, until it ends; never returns.
 * @param store writes down what messages came to; what is to be sent goes out after that
 * @throws why it has ended
 */
export async function listen(
  { connections, installs, runner }: ListenKernel,
  row: StreamRow,
  {
    signal,
    opened,
    store,
  }: { signal: AbortSignal; opened(stream: VendorStream): Promise<void>; store: StoreAnswer },
): Promise<never> {
  const { trigger, tenant_id: tenantId } = row;
  const connection = await connections.use(tenantId, row.connection_id);
  const install = async () => {
    const { installId } = await connections.use(tenantId, row.connection_id);
    return installs.get(tenantId, installId);
  };
  let state = JSON.parse(row.state) as Json;

  async function ask<Answer>(operation: string, input: { [member: string]: Json }): Promise<Answer> {
    const { output } = await runner.runTrigger({
      install,
      connection,
      trigger: `${trigger}.${operation}`,
      input: { state, config: row.config as Json, ...input },
      signal,
    });
    return output as unknown as Answer;
  }

  const opening = await ask<CarriedOpening>("open", { lastClose: row.last_close });
  const stream = await runner.openStream({ install, connection, trigger, opening, signal });
  const heartbeat = keepBeating(stream);

  async function keep(items: CarriedAnswer<Json>["items"], next: Json | undefined): Promise<void> {
    if (next !== undefined) refuseLargeState(next);
    if (items.length > 0 || next !== undefined) await store({ items, state: next, install: await install() });
    if (next !== undefined) state = next;
  }

  /** After what it acknowledges was stored: what the vendor hears is true, wherever this host ends. */
  async function reply({
    send = [],
    heartbeat: beat,
    reconnect,
  }: Partial<CarriedAnswer<Json>>): Promise<void> {
    await stream.send(send);
    if (beat !== undefined) heartbeat.set(beat);
    if (reconnect) throw new ReconnectWanted("the vendor wants another socket");
  }

  /** A message that cannot be read, or told, holds up none that came before it: then they are handed over one by one. */
  async function hear(messages: readonly Json[]): Promise<void> {
    let answer: CarriedAnswer<Json>;
    try {
      answer = await ask<CarriedAnswer<Json>>("receive", { messages: [...messages] });
      await keep(answer.items, answer.state);
    } catch (error) {
      if (messages.length === 1 || signal.aborted || error instanceof StreamLost) throw error;
      for (const message of messages) await hear([message]);
      return;
    }
    await reply(answer);
  }

  try {
    await opened(stream);
    await keep([], opening.state);
    await reply(opening);
    for (;;) {
      const messages = await stream.next();
      for (let at = 0; at < messages.length; at += mostAtATime)
        await hear(messages.slice(at, at + mostAtATime));
    }
  } finally {
    heartbeat.set(null);
    stream.close();
  }
}

/** What the vendor wants to hear again and again. That it cannot be sent ends the stream by itself. */
function keepBeating(stream: VendorStream) {
  let timer: NodeJS.Timeout | undefined;
  return {
    set(heartbeat: Heartbeat | null) {
      clearInterval(timer);
      if (heartbeat)
        timer = setInterval(() => void stream.send([heartbeat.send]).catch(() => {}), heartbeat.everyMs);
    },
  };
}

function refuseLargeState(state: Json): void {
  const { stateLength: most } = offerLimits;
  const { length } = JSON.stringify(state);
  if (length <= most) return;
  throw coreError(
    "trigger-output-invalid",
    `The trigger's state has ${length} characters as JSON; ${most} are the most it may have.`,
    {
      problems: [{ pointer: "/output/state", message: `must not have more than ${most} characters` }],
    },
  );
}

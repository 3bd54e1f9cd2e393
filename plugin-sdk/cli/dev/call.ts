import { randomUUID } from "node:crypto";
import type { Json } from "../../author/index.ts";
import { isHookName } from "../../manifest/index.ts";
import { completeInput, PluginFailure } from "../../testing/host/index.ts";
import type { DevSession } from "./session.ts";

/** Calls what serves now, and gives what it answered or why it failed, as the local API says it. */
export async function callPlugin(
  session: DevSession,
  kind: string,
  name: string,
  input: unknown,
): Promise<{ status: number; body: object }> {
  const serving = session.serving();
  if (!serving) {
    const message = "No version of the plugin was built yet; plugboard dev says why.";
    return { status: 503, body: { error: { code: "not-built", message, problems: session.problems() } } };
  }
  const { manifest, host } = serving;
  const startedAt = performance.now();
  try {
    const output = await work(host, kind, name, input as Json);
    const durationMs = Math.round(performance.now() - startedAt);
    return { status: 200, body: { output, version: manifest.version, durationMs } };
  } catch (error) {
    // Of the test host: no such target, or what does not fit its schema.
    if (error instanceof TypeError)
      return { status: 422, body: { error: { code: "call-refused", message: error.message } } };
    if (!(error instanceof PluginFailure)) throw error;
    const { code, message, details, retryAfterMs, place } = error;
    return { status: 422, body: { error: { code, message, place, details, retryAfterMs } } };
  }
}

type Host = NonNullable<ReturnType<DevSession["serving"]>>["host"];

async function work(host: Host, kind: string, name: string, input: Json): Promise<Json> {
  if (kind === "hook") {
    if (!isHookName(name)) throw new TypeError(`There is no hook "${name}".`);
    return host.hook(name, input as never);
  }
  if (kind !== "action" && kind !== "entity" && kind !== "trigger" && kind !== "webhook")
    throw new TypeError(`"${kind}" is none of action, entity, trigger, hook, webhook.`);
  const target = { kind, name } as const;
  return host.perform(target, completeInput(target, input, randomUUID));
}

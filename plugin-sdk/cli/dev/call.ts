import type { Json } from "../../author/index.ts";
import { isHookName } from "../../manifest/index.ts";
import { PluginFailure } from "../../testing/host/index.ts";
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
  if (kind === "action") return host.run(name, input);
  if (kind === "hook") {
    if (!isHookName(name)) throw new TypeError(`There is no hook "${name}".`);
    return host.hook(name, input as never);
  }
  if (kind !== "entity" && kind !== "trigger" && kind !== "webhook")
    throw new TypeError(`"${kind}" is none of action, entity, trigger, hook, webhook.`);
  if (typeof input !== "object" || input === null || Array.isArray(input))
    throw new TypeError("The input must be an object.");
  return host.perform(kind, name, { ...defaults[kind], ...input });
}

/** What a host hands over where the caller says nothing. */
const defaults: { [kind: string]: { [member: string]: Json } } = {
  entity: { cursor: null, limit: 100, filter: {}, updatedSince: null },
  trigger: { cursor: null, config: {} },
  webhook: {},
};

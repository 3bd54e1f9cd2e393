import type { Static, TSchema } from "typebox";
import { Check } from "typebox/value";
import { RegistryUnavailable } from "./errors.ts";
import type { RegistryRequest, Send } from "./request.ts";

/** Sends a request and reads the answer as its schema says; what answers otherwise is no registry of ours. */
export type Ask = <Schema extends TSchema>(
  schema: Schema,
  request: RegistryRequest,
) => Promise<Static<Schema>>;

export function createAsk({ send, baseUrl }: { send: Send; baseUrl: string }): Ask {
  return async function ask(schema, request) {
    const answer: unknown = parse(await send(request));
    if (Check(schema, answer)) return answer;
    throw new RegistryUnavailable(`What answers at ${baseUrl} is no registry, or of another version.`);
  };
}

function parse(body: Buffer): unknown {
  try {
    return JSON.parse(body.toString("utf8"));
  } catch {
    return undefined;
  }
}

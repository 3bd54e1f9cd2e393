import { compileContributedSchema } from "../contributed-schema/index.ts";
import type { Manifest, Problem } from "../types.ts";
import { entitySchemas } from "./entity.ts";
import { checkNormalized, normalizeSchemas } from "./normalize.ts";
import type { OfferSchemas } from "./schemas.ts";
import { pollSchemas, streamSchemas } from "./trigger.ts";

export { entitySchemas } from "./entity.ts";
export { offerLimits } from "./limits.ts";
export { coversEventType } from "./normalize.ts";
export type { OfferSchemas } from "./schemas.ts";

/**
 * A function of a plugin that it says of itself what it takes and gives. An entity's is named `customer.list`; of a trigger
 * on a stream there are `message-posted.open` and `message-posted.receive`.
 */
export interface OfferTarget {
  kind: "action" | "entity" | "trigger" | "webhook";
  name: string;
}

/** What is wrong with what goes in or comes out; empty lists say that it fits. Pointers begin at the value. */
export interface Offer {
  checkInput(value: unknown): Problem[];
  checkOutput(value: unknown): Problem[];
}

type Contributing = Pick<Manifest, "permissions" | "contributes">;

/** What a function of the plugin takes and gives; undefined when the plugin offers no such function. */
function offerSchemas(
  { contributes = {} }: Contributing,
  { kind, name }: OfferTarget,
): OfferSchemas | undefined {
  if (kind === "action") return own(contributes.actions, name);
  if (kind === "webhook") return name === "normalize" && contributes.webhooks ? normalizeSchemas : undefined;
  const dot = name.lastIndexOf(".");
  const [owner, operation] = [name.slice(0, Math.max(dot, 0)), name.slice(dot + 1)];
  if (kind === "trigger") {
    const trigger = own(contributes.triggers, owner === "" ? name : owner);
    if (trigger?.kind === "stream" && owner !== "") return streamSchemas(trigger, operation);
    return trigger?.kind === "polling" && owner === "" ? pollSchemas(trigger) : undefined;
  }
  const entity = own(contributes.entities, owner);
  const known = entity?.operations.find((one) => one === operation);
  return entity && known ? entitySchemas(entity, known) : undefined;
}

/**
 * The checks of what a function of a plugin takes and gives, the same for every host; undefined when the plugin offers no
 * such function.
 *
 * @param manifest one that checkManifest has found right
 */
export function compileOffer(manifest: Contributing, target: OfferTarget): Offer | undefined {
  const schemas = offerSchemas(manifest, target);
  if (!schemas) return undefined;
  const checkOutput = compileContributedSchema(schemas.output);
  return {
    checkInput: compileContributedSchema(schemas.input),
    checkOutput(value) {
      const problems = checkOutput(value);
      return problems.length === 0 && target.kind === "webhook" ? checkNormalized(manifest, value) : problems;
    },
  };
}

function own<Value>(named: { [name: string]: Value } | undefined, name: string): Value | undefined {
  return named && Object.hasOwn(named, name) ? named[name] : undefined;
}

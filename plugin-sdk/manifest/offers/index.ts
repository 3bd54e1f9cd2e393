import { compileContributedSchema, findFileIds } from "../contributed-schema/index.ts";
import type { EntityOperation, Manifest, Problem, WritingOperation } from "../types.ts";
import { batchSchemas, checkWithinLimit, entitySchemas } from "./entity.ts";
import { checkNormalized, normalizeSchemas } from "./normalize.ts";
import type { OfferSchemas } from "./schemas.ts";
import { pollSchemas, streamSchemas } from "./trigger.ts";

export {
  type BatchUnit,
  type BatchWrite,
  batchPauses,
  isNothingDone,
  isNotMade,
  type KnownEffects,
  partOf,
  planBatch,
  readResults,
  type StatedError,
  saysRefused,
  targetOf,
  type WriteResult,
} from "./batch.ts";
export { entitySchemas } from "./entity.ts";
export { offerLimits } from "./limits.ts";
export { coversEventType } from "./normalize.ts";
export type { OfferSchemas } from "./schemas.ts";

/**
 * A function of a plugin that it says of itself what it takes and gives. An entity's is named `customer.list`, one of its
 * batch `customer.batch.create`; of a trigger on a stream there are `message-posted.open` and `message-posted.receive`.
 */
export interface OfferTarget {
  kind: "action" | "entity" | "trigger" | "webhook";
  name: string;
}

/** What is wrong with what goes in or comes out; empty lists say that it fits. Pointers begin at the value. */
export interface Offer {
  checkInput(value: unknown): Problem[];
  /** @param input what it is the answer to; an answer to one that asked for so many things is held to that */
  checkOutput(value: unknown, input?: unknown): Problem[];
  /** The files that an input hands over. @param value one that fits */
  filesIn(value: unknown): string[];
}

type Contributing = Pick<Manifest, "permissions" | "contributes">;

/** What a function of the plugin takes and gives; undefined when the plugin offers no such function. */
function offerSchemas(
  { contributes = {} }: Contributing,
  { kind, name }: OfferTarget,
): OfferSchemas | undefined {
  if (kind === "action") return own(contributes.actions, name);
  if (kind === "webhook") return name === "normalize" && contributes.webhooks ? normalizeSchemas : undefined;
  if (kind === "trigger") {
    const [triggerName = "", ...asked] = name.split(".");
    const trigger = own(contributes.triggers, triggerName);
    if (trigger?.kind === "stream") return streamSchemas(trigger, asked.join("."));
    return trigger?.kind === "polling" && asked.length === 0 ? pollSchemas(trigger) : undefined;
  }
  const [entityName = "", ...path] = name.split(".");
  const entity = own(contributes.entities, entityName);
  const operation = path.pop() as EntityOperation;
  if (!entity?.operations.includes(operation)) return undefined;
  if (path.length === 0) return entitySchemas(entity, operation);
  const writing = operation as WritingOperation;
  const isBatch = path.join(".") === "batch" && entity.batch?.operations.includes(writing);
  return isBatch ? batchSchemas(entity, writing) : undefined;
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
    filesIn: (value) => findFileIds(schemas.input, value),
    checkOutput(value, input) {
      const problems = checkOutput(value);
      if (problems.length > 0) return problems;
      if (target.kind === "webhook") return checkNormalized(manifest, value);
      return target.kind === "entity" ? checkWithinLimit(value, input) : [];
    },
  };
}

function own<Value>(named: { [name: string]: Value } | undefined, name: string): Value | undefined {
  return named && Object.hasOwn(named, name) ? named[name] : undefined;
}

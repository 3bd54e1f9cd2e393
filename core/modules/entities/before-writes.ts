import type { BatchUnit, Offer } from "@plugboard/plugin-sdk/manifest";
import { targetOf } from "@plugboard/plugin-sdk/manifest";
import { newId } from "@plugboard/service-kit/crypto";
import pLimit from "p-limit";
import type { Hooks } from "../../kernel/hooks/index.ts";
import type { PluginRunner } from "../../kernel/plugins/index.ts";
import type { EntityPlace, Record } from "./entities.ts";

/** Writes of one call that the tenant's other plugins look at, at a time. */
const atOnce = 8;

/** What lets the tenant's other plugins change each of a unit's writes, as they may where it is written alone. */
export async function beforeWrites(options: {
  hooks: Hooks;
  place: Pick<EntityPlace, "tenantId" | "connectionId" | "entity">;
  plugin: string;
  unit: BatchUnit;
  /** Of the single operation. */
  check: Offer | undefined;
  /** Aborted when nothing of the batch is to be begun any more, with the reason: many hooks may take longer than it. */
  batch: AbortSignal;
}): Promise<Pick<Parameters<PluginRunner["runEntity"]>[0], "callId" | "beforeRun">> {
  const { hooks, place, plugin, unit, check, batch } = options;
  const { tenantId, connectionId, entity } = place;
  const { op, inputs } = unit;
  if (op === "remove" || !(await hooks.listensTo(tenantId, ["record.beforeWrite"]))) return {};
  const member = op === "update" ? "changes" : "record";
  const callId = newId("call");
  return {
    callId,
    async beforeRun(_, call) {
      const signal = AbortSignal.any([call, batch]);
      const pass = (input: BatchUnit["inputs"][number]) =>
        hooks.waterfall(
          "record.beforeWrite",
          { tenantId, plugin, connectionId, callId },
          {
            value: (input[member] ?? null) as Record,
            told: { entity, operation: op },
            fits: (changed) => check?.checkInput({ ...input, [member]: changed }).length === 0,
            signal,
          },
        );
      const inTurn = pLimit(atOnce);
      const written = await Promise.all(
        inputs.map((input) =>
          inTurn(async () => {
            batch.throwIfAborted();
            try {
              return { ...input, [member]: await pass(input) };
            } finally {
              // What the hooks have not looked at to the end is not written, and none of them is to blame.
              batch.throwIfAborted();
            }
          }),
        ),
      );
      return targetOf({ ...unit, inputs: written }).input as Record;
    },
  };
}

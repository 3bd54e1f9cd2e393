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
}): Promise<Pick<Parameters<PluginRunner["runEntity"]>[0], "callId" | "beforeRun">> {
  const { hooks, place, plugin, unit, check } = options;
  const { tenantId, connectionId, entity } = place;
  const { op, inputs } = unit;
  if (op === "remove" || !(await hooks.listensTo(tenantId, ["record.beforeWrite"]))) return {};
  const member = op === "update" ? "changes" : "record";
  const callId = newId("call");
  return {
    callId,
    async beforeRun(_, signal) {
      const inTurn = pLimit(atOnce);
      const written = await Promise.all(
        inputs.map((input) =>
          inTurn(async () => {
            const value = await hooks.waterfall(
              "record.beforeWrite",
              { tenantId, plugin, connectionId, callId },
              {
                value: (input[member] ?? null) as Record,
                told: { entity, operation: op },
                fits: (changed) => check?.checkInput({ ...input, [member]: changed }).length === 0,
                signal,
              },
            );
            return { ...input, [member]: value };
          }),
        ),
      );
      return targetOf({ ...unit, inputs: written }).input as Record;
    },
  };
}

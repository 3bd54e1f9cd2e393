import { PlugboardError } from "@plugboard/service-kit/http";
import { CapabilityError, type Transformers } from "../capabilities/index.ts";
import type { Hooks } from "./hooks.ts";
import { withoutTraffic } from "./recorded.ts";

const consequences = {
  "request.before": "The request was not sent.",
  "response.after": "The vendor was asked, and has answered; what it said is not passed on.",
};

/** The hooks in the form in which the egress broker asks them. */
export function createTransformers(
  hooks: Pick<Hooks, "listensTo" | "waterfall">,
  { hookBodyBytes }: { hookBodyBytes: number },
): Transformers {
  return {
    maxBodyBytes: hookBodyBytes,
    listensTo: hooks.listensTo,
    async waterfall(name, occasion, value) {
      try {
        return await hooks.waterfall(name, occasion, { ...value, record: withoutTraffic });
      } catch (error) {
        if (!(error instanceof PlugboardError) || error.code !== "hook-refused") throw error;
        throw new CapabilityError("fetch-hook-refused", `${error.message} ${consequences[name]}`);
      }
    },
  };
}

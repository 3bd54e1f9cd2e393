import { action, Type } from "@plugboard/plugin-sdk";
import { openOrg } from "../api/org.ts";

/** https://developer.salesforce.com/docs/atlas.en-us.api_rest.meta/api_rest/resources_limits.htm */
export const getLimits = action({
  title: "Get the org's limits",
  description: "What the org may use and what it has left, such as DailyApiRequests.",
  input: Type.Object({}),
  output: Type.Object(
    { limits: Type.Record(Type.Object({ max: Type.Number(), remaining: Type.Number() })) },
    { additionalProperties: false },
  ),
  async run(context) {
    const reply = await openOrg(context).ask<{ [limit: string]: { Max: number; Remaining: number } }>(
      "/limits",
    );
    const limits = Object.entries(reply).map(([name, { Max, Remaining }]) => [
      name,
      { max: Max, remaining: Remaining },
    ]);
    return { limits: Object.fromEntries(limits) };
  },
});

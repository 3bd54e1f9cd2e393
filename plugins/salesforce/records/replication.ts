import { action, Type } from "@plugboard/plugin-sdk";
import { openOrg, segment } from "../api/org.ts";
import { MaybeTime, ObjectName, Time } from "../api/shapes.ts";
import { datetime } from "../api/soql.ts";
import { isoTime } from "../api/times.ts";

const Span = Type.Object({
  object: ObjectName,
  from: Time,
  to: Type.Optional(Time),
});

/** https://developer.salesforce.com/docs/atlas.en-us.api_rest.meta/api_rest/resources_getupdated.htm */
export const getUpdated = action({
  title: "Get the ids of updated records",
  description: "Records of an object that were created or changed in a span of time, at most 30 days ago.",
  input: Span,
  output: Type.Object(
    { ids: Type.Array(Type.String()), latestDateCovered: MaybeTime },
    { additionalProperties: false },
  ),
  async run({ input, ...context }) {
    const reply = await openOrg(context).ask<{ ids: string[]; latestDateCovered: string }>(
      `/sobjects/${segment(input.object)}/updated`,
      { query: spanOf(input) },
    );
    return { ids: reply.ids, latestDateCovered: isoTime(reply.latestDateCovered) };
  },
});

/** https://developer.salesforce.com/docs/atlas.en-us.api_rest.meta/api_rest/resources_getdeleted.htm */
export const getDeleted = action({
  title: "Get the ids of deleted records",
  description: "Records of an object that were deleted in a span of time, at most 30 days ago.",
  input: Span,
  output: Type.Object(
    {
      records: Type.Array(Type.Object({ id: Type.String(), deletedAt: MaybeTime })),
      earliestDateAvailable: MaybeTime,
      latestDateCovered: MaybeTime,
    },
    { additionalProperties: false },
  ),
  async run({ input, ...context }) {
    const reply = await openOrg(context).ask<{
      deletedRecords: { id: string; deletedDate: string }[];
      earliestDateAvailable: string;
      latestDateCovered: string;
    }>(`/sobjects/${segment(input.object)}/deleted`, { query: spanOf(input) });
    return {
      records: reply.deletedRecords.map(({ id, deletedDate }) => ({ id, deletedAt: isoTime(deletedDate) })),
      earliestDateAvailable: isoTime(reply.earliestDateAvailable),
      latestDateCovered: isoTime(reply.latestDateCovered),
    };
  },
});

/** Salesforce takes seconds, and no fractions of them. */
function spanOf({ from, to }: { from: string; to?: string }) {
  const seconds = (time: string) => datetime(time).replace(/\.\d+Z$/, "+00:00");
  return { start: seconds(from), end: seconds(to ?? new Date().toISOString()) };
}

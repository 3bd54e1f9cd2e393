import { action, PluginError, Type } from "@plugboard/plugin-sdk";
import { errorFrom } from "../api/errors.ts";
import { orgUrl } from "../api/org-url.ts";

/** Pinned; a version is supported for at least three years. */
const queryPath = "/services/data/v66.0/query";

/** The reply of the query resource: https://developer.salesforce.com/docs/atlas.en-us.api_rest.meta/api_rest/resources_query.htm */
interface QueryReply {
  totalSize: number;
  done: boolean;
  nextRecordsUrl?: string;
  records: Record<string, unknown>[];
}

export const query = action({
  title: "Query records",
  description:
    "Runs a SOQL query. For the next page, pass nextCursor as cursor, without soql, until nextCursor is null.",
  input: Type.Object({
    soql: Type.Optional(
      Type.String({ minLength: 1, maxLength: 10000, description: "SELECT Id, Name FROM Account" }),
    ),
    cursor: Type.Optional(Type.String({ pattern: "^[A-Za-z0-9]+-[0-9]+$", maxLength: 100 })),
  }),
  output: Type.Object(
    {
      totalSize: Type.Integer({ description: "Records that the query matches, on all pages" }),
      records: Type.Array(Type.Record(Type.Unknown())),
      nextCursor: Type.Union([Type.String(), Type.Null()]),
    },
    { additionalProperties: false },
  ),
  async run({ input, fetch, connection }) {
    const url = new URL(queryPath, orgUrl(connection.config));
    if (input.cursor !== undefined) url.pathname += `/${input.cursor}`;
    else if (input.soql !== undefined) url.searchParams.set("q", input.soql);
    else throw new PluginError("invalid-input", "Give soql to start a query, or cursor to go on with one");

    const response = await fetch(url.href, { headers: { Accept: "application/json" } });
    if (!response.ok) throw await errorFrom(response);
    const page = (await response.json()) as QueryReply;
    return {
      totalSize: page.totalSize,
      records: page.records,
      nextCursor: page.nextRecordsUrl?.split("/").at(-1) ?? null,
    };
  },
});

import { action, InvalidInputError, Type } from "@plugboard/plugin-sdk";
import { openOrg, segment } from "../api/org.ts";
import { type QueryReply, query as run } from "../api/query.ts";
import { MaybeText, RawRecord, Soql } from "../api/shapes.ts";

export const query = action({
  title: "Query records",
  description:
    "Runs a SOQL query that you have written. For the next page, pass nextCursor as cursor, without soql, until nextCursor is null; Salesforce keeps a cursor for two days. For a query made of values that others have written, use find-records.",
  input: Type.Object({
    soql: Type.Optional(Soql),
    cursor: Type.Optional(Type.String({ pattern: "^[A-Za-z0-9]+-[0-9]+$", maxLength: 100 })),
    includeDeleted: Type.Optional(
      Type.Boolean({
        default: false,
        description: "Also what is in the recycle bin; with a cursor as before",
      }),
    ),
  }),
  output: Type.Object(
    {
      totalSize: Type.Integer({ description: "Records that the query matches, on all pages" }),
      records: Type.Array(RawRecord),
      nextCursor: MaybeText,
    },
    { additionalProperties: false },
  ),
  async run({ input: { soql, cursor, includeDeleted = false }, ...context }) {
    const org = openOrg(context);
    if ((soql === undefined) === (cursor === undefined))
      throw new InvalidInputError("Give either soql to start a query, or cursor to go on with one.");
    const { totalSize, records, nextRecordsUrl } =
      cursor === undefined
        ? await run(org, soql ?? "", { includeDeleted })
        : await org.ask<QueryReply>(`/${includeDeleted ? "queryAll" : "query"}/${segment(cursor)}`);
    return { totalSize, records, nextCursor: nextRecordsUrl?.split("/").at(-1) ?? null };
  },
});

import { action, type Static, Type } from "@plugboard/plugin-sdk";
import { openOrg } from "../api/org.ts";
import { query } from "../api/query.ts";
import { MaybeText, ObjectName, RawRecord } from "../api/shapes.ts";
import { condition, name, path } from "../api/soql.ts";
import { Conditions, FieldPaths, Order } from "./conditions.ts";

export const findRecords = action({
  title: "Find records",
  description:
    "Records of any object by conditions, without SOQL. Pass nextCursor as cursor to the action query for the next page.",
  input: Type.Object({
    object: ObjectName,
    fields: Type.Optional(FieldPaths),
    where: Type.Optional(Conditions),
    orderBy: Type.Optional(Order),
    limit: Type.Optional(Type.Integer({ minimum: 1, maximum: 50_000, default: 200 })),
  }),
  output: Type.Object(
    { totalSize: Type.Integer(), records: Type.Array(RawRecord), nextCursor: MaybeText },
    { additionalProperties: false },
  ),
  async run({ input, ...context }) {
    const { totalSize, records, nextRecordsUrl } = await query(openOrg(context), soqlOf(input));
    return { totalSize, records, nextCursor: nextRecordsUrl?.split("/").at(-1) ?? null };
  },
});

/** The conditions of an input as SOQL. @throws InvalidInputError */
export function conditionsOf(where: Static<typeof Conditions> = []): string[] {
  return where.map(({ field, operator = "equals", value }) => condition({ field, operator, value }));
}

function soqlOf({
  object,
  fields = ["Id", "Name"],
  where,
  orderBy = [],
  limit = 200,
}: {
  object: string;
  fields?: string[];
  where?: Static<typeof Conditions>;
  orderBy?: Static<typeof Order>;
  limit?: number;
}): string {
  const conditions = conditionsOf(where);
  const order = orderBy.map(({ field, descending = false }) => `${path(field)}${descending ? " DESC" : ""}`);
  return [
    `SELECT ${fields.map(path).join(", ")} FROM ${name(object)}`,
    ...(conditions.length > 0 ? [`WHERE ${conditions.join(" AND ")}`] : []),
    ...(order.length > 0 ? [`ORDER BY ${order.join(", ")}`] : []),
    `LIMIT ${limit}`,
  ].join(" ");
}

import { fingerprint, type PollingTrigger, readCursor, Type, trigger } from "@plugboard/plugin-sdk";
import { look, type Place, start } from "../api/look.ts";
import { openOrg } from "../api/org.ts";
import { FieldPath, ObjectName, RawRecord, Time } from "../api/shapes.ts";
import { isoTime } from "../api/times.ts";
import { Conditions, conditionsOf } from "../records/index.ts";

const mostAtOnce = 200;

const Found = Type.Object({
  id: Type.String(),
  object: Type.String(),
  createdDate: Type.Optional(Time),
  systemModstamp: Type.Optional(Time),
  record: RawRecord,
});

export const newRecord = watch({
  title: "New record",
  description: "A record of an object was created. Asks every minute.",
  time: "CreatedDate",
});
export const updatedRecord = watch({
  title: "New or changed record",
  description: "A record of an object was created or changed. Asks every minute.",
  time: "SystemModstamp",
});

/** A trigger that asks what came or changed, of any object. */
function watch({
  time,
  ...words
}: {
  title: string;
  description: string;
  time: "CreatedDate" | "SystemModstamp";
}): PollingTrigger {
  return trigger({
    ...words,
    kind: "polling",
    intervalSeconds: 60,
    config: Type.Object({
      object: ObjectName,
      fields: Type.Optional(
        Type.Array(FieldPath, { maxItems: 200, description: "Besides the record's id and times" }),
      ),
      where: Type.Optional(Conditions),
    }),
    output: Found,
    // A new record is told once, a changed one at each change: Salesforce's times are whole seconds, in which it may be
    // changed again after it was found.
    dedupeKey: ({ id, systemModstamp, record }) =>
      time === "CreatedDate" ? id : `${id}@${systemModstamp}#${fingerprint(record)}`,
    async poll({ cursor, startAt, config: { object, fields = [], where }, ...context }) {
      const { records, next, hasMore } = await look(openOrg(context), {
        object,
        fields: [...fields],
        time,
        where: conditionsOf(where as Parameters<typeof conditionsOf>[0]),
        place: cursor === null ? beginning(startAt) : readCursor<Place>(cursor),
        limit: mostAtOnce,
      });
      const items = records.map(({ attributes: _, ...record }) => ({
        id: String(record.Id),
        object,
        ...(time === "CreatedDate"
          ? { createdDate: isoTime(record.CreatedDate) ?? "" }
          : { systemModstamp: isoTime(record.SystemModstamp) ?? "" }),
        record,
      }));
      return { items, cursor: JSON.stringify(next), hasMore };
    },
  }) as unknown as PollingTrigger;
}

/** Clocks differ, and long transactions are seen late. */
const beforeNowMs = 300_000;

const beginning = (startAt: "now" | "beginning"): Place =>
  startAt === "now" ? { ...start, since: new Date(Date.now() - beforeNowMs).toISOString() } : start;

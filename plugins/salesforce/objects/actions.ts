import {
  type Action,
  type ActionContext,
  action,
  type Entity,
  type TSchema,
  Type,
} from "@plugboard/plugin-sdk";
import { defaultLimit, Id, pageFields, pageOf, Time } from "../api/shapes.ts";

// biome-ignore lint/suspicious/noExplicitAny: an entity takes its own schemas; no other type admits all of them
type AnyEntity = Entity<any, any, any, any>;
type Operation = "list" | "get" | "create" | "update" | "remove";
type Fields = { [field: string]: unknown };

/**
 * The operations of an entity as actions as well (`list-accounts`, `get-account`, …), for those who put steps together
 * rather than keep records in step.
 *
 * @param name as it reads in a sentence: `account`
 */
export function recordActions(name: string, plural: string, kind: AnyEntity): { [name: string]: Action } {
  const { schema: record, input = Type.Object({}) } = kind;
  const one = `${/^[aeiou]/.test(name) ? "an" : "a"} ${name}`;
  const offered: [Operation, string, Action][] = [
    [
      "list",
      `list-${plural}`,
      action({
        title: `List ${plural}`,
        description: "Page by page: pass nextCursor back as cursor until it is null.",
        input: Type.Object({
          ...pageFields,
          ...(kind.updatedAt !== undefined && { updatedSince: Type.Optional(Time) }),
          ...filterFields(kind.filter),
        }),
        output: pageOf(record) as TSchema,
        run: carryOut(kind, "list", (wish) => {
          const { limit = defaultLimit, cursor = null, updatedSince = null, ...filter } = wish;
          return { limit, cursor, updatedSince, filter };
        }),
      }),
    ],
    [
      "get",
      `get-${name}`,
      action({
        title: `Get ${one}`,
        input: Type.Object({ id: Id }),
        output: record,
        run: carryOut(kind, "get", ({ id }) => ({ key: id })),
      }),
    ],
    [
      "create",
      `create-${name}`,
      action({
        title: `Create ${one}`,
        input,
        output: record,
        run: carryOut(kind, "create", (fields) => ({ record: fields })),
      }),
    ],
    [
      "update",
      `update-${name}`,
      action({
        title: `Change ${one}`,
        description: "Changes what is given and leaves the rest.",
        input: Type.Object({ id: Id, changes: withoutRequired(input) }),
        output: record,
        run: carryOut(kind, "update", ({ id, changes }) => ({ key: id, changes })),
      }),
    ],
    [
      "remove",
      `delete-${name}`,
      action({
        title: `Delete ${one}`,
        input: Type.Object({ id: Id }),
        output: Type.Object({}),
        run: carryOut(kind, "remove", ({ id }) => ({ key: id })),
      }),
    ],
  ];
  return Object.fromEntries(
    offered.flatMap(([operation, title, made]) =>
      kind[operation] ? [[title.replaceAll(" ", "-"), made] as const] : [],
    ),
  );
}

/** Runs the operation with what the action's input says of it. The host has checked both against the same schemas. */
function carryOut(kind: AnyEntity, operation: Operation, toWish: (input: Fields) => Fields) {
  return async ({ input, ...context }: ActionContext<unknown>): Promise<object> => {
    const run = kind[operation] as ((context: Fields) => Promise<object | undefined>) | undefined;
    const wish = toWish(input as Fields);
    return (await run?.({ ...context, ...wish, idempotencyKey: crypto.randomUUID() })) ?? {};
  };
}

/** Filters are fields of the input among others; none of them is required. */
function filterFields(filter: TSchema | undefined): { [name: string]: TSchema } {
  const { properties = {} } = (filter ?? {}) as { properties?: { [name: string]: TSchema } };
  return Object.fromEntries(
    Object.entries(properties).map(([name, schema]) => [name, Type.Optional(schema)]),
  );
}

function withoutRequired(schema: TSchema): TSchema {
  const { required: _, ...rest } = schema as TSchema & { required?: string[] };
  return rest;
}

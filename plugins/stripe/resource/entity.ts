import {
  type Entity,
  entity,
  InvalidInputError,
  NotFoundError,
  type TSchema,
  Type,
} from "@plugboard/plugin-sdk";
import { openStripe, type StripeList } from "../api/stripe.ts";
import { changesSince } from "./changes.ts";
import type { Resource } from "./resource.ts";

/** Stripe gives no more at once: https://docs.stripe.com/api/pagination */
const mostAtOnce = 100;

type Fields = { [name: string]: unknown };

/** A resource as a kind of record: listed, read, created, changed and removed as far as Stripe lets it, and kept in step. */
export function entityOf(resource: Resource): Entity {
  const { create, update, isRemovable, title, path, docs } = resource;
  const filter = Type.Object(onlyScalars(resource.filter ?? {}));
  const input = Type.Object({ ...allOptional(update), ...create });
  const pathOf = (key: string) => `${path}/${encodeURIComponent(key)}`;

  /** What can only be said at one of the two is refused at the other, before Stripe does. */
  function refuseOthers(fields: Fields, known: Fields | undefined, refusal: string): void {
    const other = Object.keys(fields).find((name) => !Object.hasOwn(known ?? {}, name));
    if (other !== undefined)
      throw new InvalidInputError(`${other} ${refusal}`, { details: { pointer: `/${other}` } });
  }

  return entity({
    title,
    description: `See ${docs}`,
    schema: resource.schema,
    key: "id",
    filter,
    ...((create || update) && { input }),

    async list({ cursor, limit, filter: fields, ...context }) {
      const params = {
        limit: Math.min(limit, mostAtOnce),
        starting_after: cursor,
        ...resource.wholeList,
        ...resource.write(filter, fields),
      };
      const page = await openStripe(context).get<StripeList>(path, params);
      return {
        items: page.data.map(resource.read),
        nextCursor: page.has_more ? (page.data.at(-1)?.id ?? null) : null,
      };
    },

    async get({ key, ...context }) {
      const found = await openStripe(context).get(pathOf(key));
      if (found.deleted)
        throw new NotFoundError(`The ${title.toLowerCase()} '${key}' was deleted in Stripe.`);
      return resource.read(found);
    },

    ...(create && {
      async create({ record, idempotencyKey, ...context }) {
        refuseOthers(record, create, "can only be changed, not given at the creation.");
        const params = resource.writeNew(input, record);
        return resource.read(await openStripe(context).post(path, params, idempotencyKey));
      },
    }),

    ...(update && {
      async update({ key, changes, idempotencyKey, ...context }) {
        refuseOthers(changes, update, "can only be given at the creation.");
        const params = resource.write(input, changes);
        return resource.read(await openStripe(context).post(pathOf(key), params, idempotencyKey));
      },
    }),

    ...(isRemovable && {
      async remove({ key, ...context }) {
        await openStripe(context).delete(pathOf(key));
      },
    }),

    changesSince: (context) => changesSince(resource, context),
  }) as unknown as Entity;
}

type Schemas = { [name: string]: TSchema };

const scalars = ["string", "integer", "number", "boolean"];

/** Of a list's filters, those that fit into a query. */
const onlyScalars = (filters: Schemas): Schemas =>
  Object.fromEntries(
    Object.entries(filters).filter(([, schema]) =>
      scalars.includes(String((schema as { type?: unknown }).type)),
    ),
  );

const allOptional = (fields: Schemas = {}): Schemas =>
  Object.fromEntries(Object.entries(fields).map(([name, schema]) => [name, Type.Optional(schema)]));

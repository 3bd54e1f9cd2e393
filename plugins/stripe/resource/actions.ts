import {
  type Action,
  type ActionContext,
  action,
  NotFoundError,
  pageOf,
  type TSchema,
  Type,
} from "@plugboard/plugin-sdk";
import { readRecord } from "../api/convert.ts";
import { reference } from "../api/fields.ts";
import { openStripe, type Params, type StripeList, type StripeRecord } from "../api/stripe.ts";
import { expandedOf, expandedOutput, expandInput } from "./expand.ts";
import type { Deed, Resource } from "./resource.ts";

type Actions = { [name: string]: Action };
type Fields = Parameters<typeof Type.Object>[0];

/** What all of a resource's actions may be given. */
interface Input {
  id: string;
  limit?: number;
  cursor?: string;
  query: string;
  expand?: string[];
  idempotencyKey?: string;
  [field: string]: unknown;
}

const ownKey = {
  idempotencyKey: Type.Optional(
    Type.String({
      minLength: 1,
      maxLength: 255,
      pattern: "^[\\x21-\\x7e]+$",
      description: "Stripe's idempotency key, where you keep one yourself; else the call has its own",
    }),
  ),
};

const pageInput = {
  limit: Type.Optional(Type.Integer({ minimum: 1, maximum: 100, default: 10 })),
  cursor: Type.Optional(
    Type.String({ minLength: 1, maxLength: 5000, description: "nextCursor of the page before" }),
  ),
};

/**
 * The actions of a resource: get-, list-, search-, create-, update- and delete-, as far as it has them, its deeds, and
 * lists of its parts.
 */
export function actionsOf(resource: Resource): Actions {
  const { name, plural, title, create, update, isRemovable, deeds = {}, parts = {}, search } = resource;
  const what = title.toLowerCase();
  return {
    [`get-${name}`]: getOne(resource, what),
    [`list-${plural}`]: listAll(resource, what),
    ...(search && { [`search-${plural}`]: searchAll(resource, search) }),
    ...(create && { [`create-${name}`]: post(resource, { title: `Create a ${what}`, input: create }) }),
    ...(update && {
      [`update-${name}`]: post(resource, { title: `Change a ${what}`, input: update, of: "id" }),
    }),
    ...(isRemovable && { [`delete-${name}`]: removeOne(resource, what) }),
    ...Object.fromEntries(
      Object.entries(deeds).map(([deed, definition]) => [deed, post(resource, { ...definition, of: "id" })]),
    ),
    ...Object.fromEntries(
      Object.entries(parts).map(([part, definition]) => [
        `list-${name}-${part}`,
        listPart(resource, definition),
      ]),
    ),
  };
}

const record = (resource: Resource): TSchema =>
  Type.Object({ ...resource.answer.properties, expanded: expandedOutput }, { additionalProperties: false });

const answerOf = (resource: Resource, stripe: StripeRecord, expand: string[] | undefined) => ({
  ...resource.readAnswer(stripe),
  ...expandedOf(stripe, expand),
});

const pathOf = ({ path }: Resource, id: string): string => `${path}/${encodeURIComponent(id)}`;

function getOne(resource: Resource, what: string): Action {
  return define({
    title: `Get a ${what}`,
    description: `Reads one by its id. See ${resource.docs}`,
    input: { id: reference(what), expand: expandInput },
    output: record(resource),
    async run({ input: { id, expand }, ...context }) {
      const found = await openStripe(context).get(pathOf(resource, id), { expand });
      if (found.deleted) throw new NotFoundError(`The ${what} '${id}' was deleted in Stripe.`);
      return answerOf(resource, found, expand);
    },
  });
}

function listAll(resource: Resource, what: string): Action {
  const filter = Type.Object(resource.filter ?? {});
  return define({
    title: `List ${resource.plural.replaceAll("-", " ")}`,
    description: `Each ${what}, newest first. Pass nextCursor back as cursor until it is null. See ${resource.docs}`,
    input: { ...pageInput, ...resource.filter, expand: expandInput },
    output: pageOf(record(resource)),
    async run({ input: { limit, cursor, expand, ...fields }, ...context }) {
      const params = {
        limit,
        starting_after: cursor,
        ...resource.write(filter, fields),
        expand: inLists(expand),
      };
      const page = await openStripe(context).get<StripeList>(resource.path, params);
      return {
        items: page.data.map((one) => answerOf(resource, one, expand)),
        nextCursor: page.has_more ? (page.data.at(-1)?.id ?? null) : null,
      };
    },
  });
}

function searchAll(resource: Resource, fields: string): Action {
  return define({
    title: `Search ${resource.plural.replaceAll("-", " ")}`,
    description: `By ${fields}, in Stripe's query language (https://docs.stripe.com/search). What was changed within the last minute may not be found yet.`,
    input: {
      ...pageInput,
      query: Type.String({
        minLength: 1,
        maxLength: 5000,
        description: `Such as metadata["order"]:"7" AND created>1790000000`,
      }),
      expand: expandInput,
    },
    output: pageOf(record(resource)),
    async run({ input: { limit, cursor, query, expand }, ...context }) {
      const params = { limit, page: cursor, query, expand: inLists(expand) };
      const page = await openStripe(context).get<StripeList>(`${resource.path}/search`, params);
      return {
        items: page.data.map((one) => answerOf(resource, one, expand)),
        nextCursor: page.has_more ? (page.next_page ?? null) : null,
      };
    },
  });
}

/** What changes something, and answers with the record. */
function post(resource: Resource, deed: Deed & { of?: "id" }): Action {
  const { method = "POST", input = {}, path } = deed;
  const schema = Type.Object(input);
  const what = resource.title.toLowerCase();
  return define({
    title: deed.title,
    description: `${deed.description ? `${deed.description} ` : ""}See ${resource.docs}`,
    input: {
      ...(deed.of && { id: reference(what) }),
      ...input,
      expand: expandInput,
      ...(method === "POST" && ownKey),
    },
    output: record(resource),
    async run({ input: { id, expand, idempotencyKey, ...fields }, ...context }) {
      const stripe = openStripe(context);
      const place = deed.of ? pathOf(resource, id) : resource.path;
      const write = deed.of ? resource.write : resource.writeNew;
      const params: Params = { ...write(schema, fields), expand };
      const whole = path ? `${place}/${path}` : place;
      const done =
        method === "DELETE"
          ? await stripe.delete(whole, params)
          : await stripe.post(whole, params, idempotencyKey ?? context.idempotencyKey);
      return answerOf(resource, done, expand);
    },
  });
}

function removeOne(resource: Resource, what: string): Action {
  return define({
    title: `Delete a ${what}`,
    description: `It cannot be brought back. See ${resource.docs}`,
    input: { id: reference(what) },
    output: Type.Object({ id: Type.String(), deleted: Type.Boolean() }, { additionalProperties: false }),
    async run({ input: { id }, ...context }) {
      await openStripe(context).delete(pathOf(resource, id));
      return { id, deleted: true };
    },
  });
}

function listPart(resource: Resource, part: NonNullable<Resource["parts"]>[string]): Action {
  const item = Type.Object(part.record, { additionalProperties: false });
  return define({
    title: part.title,
    description: `See ${resource.docs}`,
    input: { id: reference(resource.title.toLowerCase()), ...pageInput },
    output: pageOf(item),
    async run({ input: { id, limit, cursor }, ...context }) {
      const params = { limit, starting_after: cursor };
      const page = await openStripe(context).get<StripeList>(`${pathOf(resource, id)}/${part.path}`, params);
      return {
        items: page.data.map((one) => readRecord(item, one, part.places)),
        nextCursor: page.has_more ? (page.data.at(-1)?.id ?? null) : null,
      };
    },
  });
}

/** The host has checked the input against what `input` says; the types of so many schemas would say no more. */
function define(definition: {
  title: string;
  description: string;
  input: Fields;
  output: TSchema;
  run(context: ActionContext<Input>): Promise<unknown>;
}): Action {
  return action({ ...definition, input: Type.Object(definition.input) } as unknown as Action);
}

/** Paths in a list begin with the list. */
const inLists = (expand: string[] | undefined) => expand?.map((path) => `data.${path}`);

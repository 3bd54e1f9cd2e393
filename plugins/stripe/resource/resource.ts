import { type TSchema, Type } from "@plugboard/plugin-sdk";
import { type Places, readRecord, writeParams } from "../api/convert.ts";
import { time } from "../api/fields.ts";
import type { Params, StripeRecord } from "../api/stripe.ts";

type Fields = Parameters<typeof Type.Object>[0];
type ObjectSchema = ReturnType<typeof Type.Object>;

/** Something besides create, read and change: `capture-payment-intent`. */
export interface Deed {
  title: string;
  description?: string;
  /** What follows the record's path: `capture`. Nothing for a DELETE of the record itself. */
  path?: string;
  method?: "POST" | "DELETE";
  input?: Fields;
}

/** What this plugin knows of one of Stripe's resources. Its actions and its entity follow from it. */
export interface ResourceDefinition {
  /** As in the names of actions, and of the entity: `payment-intent`. */
  name: string;
  /** Default: with an s. */
  plural?: string;
  title: string;
  /** Stripe's own reference. */
  docs: string;
  /** Below `/v1`. */
  path: string;
  /** What a record has, besides its id and when it was made. */
  record: Fields;
  /** Stripe does not say when it was made. */
  isUndated?: boolean;
  places?: Places;
  /** Where a field is read from, if it is written elsewhere. */
  readPlaces?: Places;
  /** Only for whoever asked, and in no event: what a browser may act with. */
  secrets?: Fields;
  /** What can be given when one is made; absent: none can be. */
  create?: Fields;
  /** What can be changed; absent: nothing. */
  update?: Fields;
  /** What lists can be narrowed down by. */
  filter?: Fields;
  /** What Stripe is to be told so that a list has all records: without it some are left out. */
  wholeList?: Params;
  isRemovable?: boolean;
  /** https://docs.stripe.com/search: the fields that it can be searched by, to be told. */
  search?: string;
  deeds?: { [action: string]: Deed };
  /** Records within it, each with a list of its own: `{ "line-items": … }`. */
  parts?: { [name: string]: { title: string; path: string; record: Fields; places?: Places } };
  /** Stripe's types of events about it. */
  events: readonly string[];
  /** Those after which there is no such record. */
  removedBy?: readonly string[];
  /** Applications can keep its records in step. */
  isEntity: boolean;
}

/** What all resources call alike. */
const commonPlaces: Places = {
  createdAt: "created",
  updatedAt: "updated",
  createdFrom: "created.gte",
  createdBefore: "created.lt",
};

/** A resource with its schemas, and what turns its records into this plugin's. */
export interface Resource extends ResourceDefinition {
  plural: string;
  schema: ObjectSchema;
  /** With what only whoever asked is to know. */
  answer: ObjectSchema;
  read(record: StripeRecord): { id: string };
  readAnswer(record: StripeRecord): { id: string };
  /** Parameters of Stripe's, of fields of `update`, of a filter or a deed's. */
  write(schema: TSchema, fields: object): Params;
  /** The same of fields of `create`: there is nothing yet that an empty list could take away, and Stripe refuses it. */
  writeNew(schema: TSchema, fields: object): Params;
}

/** The definition keeps its own type, which the tests hold against that of Stripe's client. */
export function defineResource<const Definition extends ResourceDefinition>(
  given: Definition,
): Definition & Omit<Resource, keyof ResourceDefinition> & { plural: string } {
  const definition: ResourceDefinition = given;
  const { record, isUndated, secrets = {} } = definition;
  const fields = {
    id: Type.String(),
    ...record,
    ...(isUndated ? {} : { createdAt: time }),
  };
  const places = { ...commonPlaces, ...definition.places };
  const readPlaces = { ...places, ...definition.readPlaces };
  const schema = Type.Object(fields, { additionalProperties: false });
  const answer = Type.Object({ ...fields, ...secrets }, { additionalProperties: false });
  return {
    ...given,
    plural: definition.plural ?? `${definition.name}s`,
    schema,
    answer,
    read: (stripe) => readRecord(schema, stripe, readPlaces) as { id: string },
    readAnswer: (stripe) => readRecord(answer, stripe, readPlaces) as { id: string },
    write: (given, values) => writeParams(given, values, places),
    writeNew: (given, values) => writeParams(given, withoutEmptyLists(values), places),
  };
}

const withoutEmptyLists = (fields: object): object =>
  Object.fromEntries(
    Object.entries(fields).filter(([, value]) => !(Array.isArray(value) && value.length === 0)),
  );

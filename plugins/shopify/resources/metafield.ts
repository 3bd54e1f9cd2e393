import { action, InvalidInputError, NotFoundError, pageOf, type Static, Type } from "@plugboard/plugin-sdk";
import { ask } from "../api/admin.ts";
import { listOf, write } from "../api/records.ts";
import { Id, pageFields, pageLimits, Text, Time } from "../api/shapes.ts";

const fields = `fragment Metafield on Metafield {
  id namespace key type value compareDigest createdAt updatedAt owner { ... on Node { id } }
}`;

export const documents = {
  list: `query ListMetafields($id: ID!, $first: Int!, $after: String, $namespace: String) {
    record: node(id: $id) {
      ... on HasMetafields {
        records: metafields(first: $first, after: $after, namespace: $namespace) {
          nodes { ...Metafield } pageInfo { hasNextPage endCursor }
        }
      }
    }
  } ${fields}`,
  get: `query GetMetafield($id: ID!, $namespace: String!, $key: String!) {
    record: node(id: $id) { ... on HasMetafields { metafield(namespace: $namespace, key: $key) { ...Metafield } } }
  } ${fields}`,
  set: `mutation SetMetafields($metafields: [MetafieldsSetInput!]!) {
    written: metafieldsSet(metafields: $metafields) {
      record: metafields { ...Metafield } userErrors { field message code }
    }
  } ${fields}`,
  remove: `mutation DeleteMetafields($metafields: [MetafieldIdentifierInput!]!) {
    written: metafieldsDelete(metafields: $metafields) {
      record: deletedMetafields { ownerId namespace key } userErrors { field message }
    }
  }`,
};

const Metafield = Type.Object({
  id: Id,
  ownerId: Id,
  namespace: Text,
  key: Text,
  type: Type.String({
    description: "Such as single_line_text_field, number_integer, json, list.product_reference",
  }),
  value: Type.String({ description: "As text, whatever its type" }),
  compareDigest: Type.String({ description: "Names this value, for a change of just it" }),
  createdAt: Time,
  updatedAt: Time,
});
type Metafield = Static<typeof Metafield>;

type Node = Omit<Metafield, "ownerId"> & { owner: { id: string } };

const toMetafield = ({ owner, ...rest }: Node): Metafield => ({ ...rest, ownerId: owner.id });

const ownerId = Type.String({
  pattern: "^gid://shopify/",
  maxLength: 512,
  description:
    "The record that has it, such as gid://shopify/Product/1: a number would not say what it is of",
});
const namespace = Type.String({ minLength: 3, maxLength: 255 });
const key = Type.String({ minLength: 2, maxLength: 64 });
const Place = Type.Object({ ownerId, namespace, key });

export const listMetafields = action({
  title: "List metafields",
  description: "Of a product, variant, order, customer, location, or whatever else has some.",
  input: Type.Object({ ownerId, namespace: Type.Optional(namespace), ...pageFields }),
  output: pageOf(Metafield),
  async run({
    input: { ownerId: id, namespace: within, limit = pageLimits.defaultLimit, cursor = null },
    ...admin
  }) {
    const { items, nextCursor } = await listOf<Node>(admin, documents.list, {
      id,
      limit,
      cursor,
      ...(within !== undefined && { namespace: within }),
    });
    return { items: items.map(toMetafield), nextCursor };
  },
});

export const getMetafield = action({
  title: "Get a metafield",
  input: Place,
  output: Metafield,
  async run({ input: { ownerId: id, ...place }, ...admin }) {
    const { record } = await ask<{ record: { metafield?: Node | null } | null }>(admin, documents.get, {
      id,
      ...place,
    });
    if (!record?.metafield)
      throw new NotFoundError(`${id} has no metafield ${place.namespace}.${place.key}.`);
    return toMetafield(record.metafield);
  },
});

export const setMetafields = action({
  title: "Set metafields",
  description: "Creates them, or changes those that are there. All are set, or none.",
  input: Type.Object({
    metafields: Type.Array(
      Type.Object({
        ownerId,
        namespace,
        key,
        value: Type.String({ minLength: 1, maxLength: 2_000_000 }),
        type: Type.Optional(
          Type.String({ maxLength: 100, description: "Required where no definition of the store says it" }),
        ),
        compareDigest: Type.Optional(
          Type.String({
            maxLength: 100,
            description: "Of the value that it changes; of another it is a conflict",
          }),
        ),
      }),
      { minItems: 1, maxItems: 25 },
    ),
  }),
  output: Type.Object({ items: Type.Array(Metafield) }),
  async run({ input, ...admin }) {
    const written = await write<Node[]>(admin, documents.set, { metafields: input.metafields });
    return { items: written.map(toMetafield) };
  },
});

export const deleteMetafields = action({
  title: "Delete metafields",
  input: Type.Object({ metafields: Type.Array(Place, { minItems: 1, maxItems: 25 }) }),
  output: Type.Object({
    deleted: Type.Array(Place, { description: "Those that were there" }),
  }),
  async run({ input, ...admin }) {
    const places = input.metafields.map((place) => JSON.stringify(place));
    if (new Set(places).size < places.length)
      throw new InvalidInputError("A metafield is named twice; name each once.");
    const deleted = await write<(Static<typeof Place> | null)[]>(admin, documents.remove, {
      metafields: input.metafields,
    });
    return { deleted: deleted.filter((one) => one !== null) };
  },
});

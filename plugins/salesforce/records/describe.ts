import { action, Type } from "@plugboard/plugin-sdk";
import { openOrg, segment } from "../api/org.ts";
import { MaybeText, ObjectName } from "../api/shapes.ts";

interface ObjectReply {
  name: string;
  label: string;
  labelPlural: string;
  keyPrefix: string | null;
  custom: boolean;
  queryable: boolean;
  createable: boolean;
  updateable: boolean;
  deletable: boolean;
}

interface FieldReply {
  name: string;
  label: string;
  type: string;
  length: number;
  nillable: boolean;
  createable: boolean;
  updateable: boolean;
  custom: boolean;
  externalId: boolean;
  unique: boolean;
  defaultedOnCreate: boolean;
  referenceTo: string[];
  relationshipName: string | null;
  picklistValues: { value: string; label: string; active: boolean }[];
}

const ObjectInfo = {
  name: Type.String(),
  label: Type.String(),
  labelPlural: Type.String(),
  keyPrefix: MaybeText,
  custom: Type.Boolean(),
  queryable: Type.Boolean(),
  createable: Type.Boolean(),
  updateable: Type.Boolean(),
  deletable: Type.Boolean(),
};

const Field = Type.Object({
  name: Type.String(),
  label: Type.String(),
  type: Type.String({ description: "Salesforce's, such as string, picklist, reference, currency" }),
  length: Type.Integer(),
  isRequired: Type.Boolean({ description: "A new record must have it" }),
  createable: Type.Boolean(),
  updateable: Type.Boolean(),
  custom: Type.Boolean(),
  externalId: Type.Boolean({ description: "Records can be written under it" }),
  unique: Type.Boolean(),
  referenceTo: Type.Array(Type.String()),
  relationshipName: MaybeText,
  values: Type.Array(Type.String(), { description: "Of a picklist, those that are in use" }),
});

export const listObjects = action({
  title: "List objects",
  description: "All objects of the org, standard and custom ones, as far as the user may see them.",
  input: Type.Object({}),
  output: Type.Object({ items: Type.Array(Type.Object(ObjectInfo, { additionalProperties: false })) }),
  async run(context) {
    const { sobjects } = await openOrg(context).ask<{ sobjects: ObjectReply[] }>("/sobjects");
    return { items: sobjects.map(objectInfo) };
  },
});

export const describeObject = action({
  title: "Describe an object",
  description: "Its fields, as far as the user may see them. Kept for a minute.",
  input: Type.Object({ object: ObjectName }),
  output: Type.Object({ ...ObjectInfo, fields: Type.Array(Field) }, { additionalProperties: false }),
  async run({ input: { object }, ...context }) {
    const described = await openOrg(context).ask<ObjectReply & { fields: FieldReply[] }>(
      `/sobjects/${segment(object)}/describe`,
    );
    return { ...objectInfo(described), fields: described.fields.map(fieldInfo) };
  },
});

function objectInfo(reply: ObjectReply) {
  const { name, label, labelPlural, keyPrefix, custom, queryable, createable, updateable, deletable } = reply;
  return { name, label, labelPlural, keyPrefix, custom, queryable, createable, updateable, deletable };
}

function fieldInfo(reply: FieldReply) {
  const { name, label, type, length, createable, updateable, custom, externalId, unique } = reply;
  return {
    name,
    label,
    type,
    length,
    isRequired: createable && !reply.nillable && !reply.defaultedOnCreate,
    createable,
    updateable,
    custom,
    externalId,
    unique,
    referenceTo: reply.referenceTo,
    relationshipName: reply.relationshipName,
    values: reply.picklistValues.filter(({ active }) => active).map(({ value }) => value),
  };
}

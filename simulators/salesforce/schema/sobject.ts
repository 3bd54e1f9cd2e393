import { type Field, flag, key, time, to, type Value } from "./field.ts";

export interface Row {
  Id: string;
  IsDeleted: boolean;
  /** ISO 8601, whole seconds. */
  CreatedDate: string;
  SystemModstamp: string;
  [field: string]: Value;
}

export interface SObject {
  name: string;
  label: string;
  labelPlural: string;
  keyPrefix: string;
  isCustom: boolean;
  fields: readonly Field[];
  /** Sets what follows from the rest, such as a person's whole name. @param n how many there have been */
  derive(row: Row, n: number): void;
  field(name: string): Field | undefined;
  /** What a relationship of this name is by. */
  relationship(name: string): Field | undefined;
}

const isTold = { isWritable: false };

/** An object with what all of them have. */
export function sobject(definition: {
  name: string;
  label?: string;
  labelPlural?: string;
  keyPrefix: string;
  fields: readonly Field[];
  isOwned?: boolean;
  derive?: SObject["derive"];
}): SObject {
  const { name, keyPrefix, isOwned = true, derive = () => {} } = definition;
  const label = definition.label ?? name;
  const fields = [
    key(),
    flag("IsDeleted", isTold),
    ...definition.fields,
    ...(isOwned ? [to("OwnerId", "User")] : []),
    time("CreatedDate", isTold),
    to("CreatedById", "User", isTold),
    time("LastModifiedDate", isTold),
    to("LastModifiedById", "User", isTold),
    time("SystemModstamp", isTold),
  ];
  return withFields(
    {
      name,
      label,
      labelPlural: definition.labelPlural ?? `${label}s`,
      keyPrefix,
      isCustom: name.endsWith("__c"),
      derive,
    },
    fields,
  );
}

/** The object as users see it who may not see these fields: as if they were not there. @param hidden such as `Account.Rating` */
export function withoutFields(object: SObject, hidden: readonly string[]): SObject {
  const fields = object.fields.filter(({ name }) => !hidden.includes(`${object.name}.${name}`));
  return fields.length === object.fields.length ? object : withFields(object, fields);
}

function withFields(
  object: Pick<SObject, "name" | "label" | "labelPlural" | "keyPrefix" | "isCustom" | "derive">,
  fields: readonly Field[],
): SObject {
  const byName = new Map(fields.map((one) => [one.name.toLowerCase(), one]));
  const byRelationship = new Map(
    fields.flatMap((one) =>
      one.relationshipName ? [[one.relationshipName.toLowerCase(), one] as const] : [],
    ),
  );
  return {
    ...object,
    fields,
    field: (wanted) => byName.get(wanted.toLowerCase()),
    relationship: (wanted) => byRelationship.get(wanted.toLowerCase()),
  };
}

import type { Field } from "./field.ts";
import type { SObject } from "./sobject.ts";

/** Records that belong to those of another object: `Contacts` of an account. */
export interface ChildRelationship {
  name: string;
  object: SObject;
  /** What a child refers to its parent by. */
  field: Field;
}

/** By what children refer to their parents, so that parents have a name for them. */
const byStandardField = new Set(["AccountId", "ContactId", "ParentId"]);

export function childrenOf(objects: readonly SObject[], parent: SObject): ChildRelationship[] {
  return objects.flatMap((object) =>
    object.fields
      .filter(({ name, referenceTo }) => referenceTo === parent.name && isNamed(name))
      .map((field) => ({ name: nameOf(object, parent), object, field })),
  );
}

const isNamed = (field: string): boolean => byStandardField.has(field) || field.endsWith("__c");

function nameOf(child: SObject, parent: SObject): string {
  const plural = child.labelPlural.replaceAll(" ", "_");
  if (child.isCustom) return `${plural}__r`;
  return child.name === "Account" && parent.name === "Account" ? "ChildAccounts" : plural;
}

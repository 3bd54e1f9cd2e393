export type FieldType =
  | "id"
  | "string"
  | "textarea"
  | "picklist"
  | "email"
  | "phone"
  | "url"
  | "boolean"
  | "int"
  | "double"
  | "currency"
  | "percent"
  | "date"
  | "datetime"
  | "reference";

export type Value = string | number | boolean | null;

export interface Field {
  name: string;
  label: string;
  type: FieldType;
  /** Most characters; 0 where it says nothing. */
  length: number;
  /** A record has to have it. */
  isRequired: boolean;
  isWritable: boolean;
  isExternalId: boolean;
  isUnique: boolean;
  referenceTo?: string;
  /** What leads to the record in queries: `Owner` of `OwnerId`. */
  relationshipName?: string;
  values?: readonly string[];
  /** What a new record has. */
  standard?: Value;
}

type More = Partial<
  Pick<Field, "isRequired" | "isExternalId" | "isUnique" | "isWritable" | "length" | "standard" | "values">
>;

const field = (name: string, type: FieldType, length: number, more: Partial<Field> = {}): Field => ({
  name,
  label: name
    .replace(/__c$/, "")
    .replace(/([a-z])([A-Z])/g, "$1 $2")
    .replaceAll("_", " "),
  type,
  length,
  isRequired: false,
  isWritable: true,
  isExternalId: false,
  isUnique: false,
  ...more,
});

export const text = (name: string, length = 255, more: More = {}) => field(name, "string", length, more);
export const long = (name: string) => field(name, "textarea", 32_000);
export const pick = (name: string, values: readonly string[], more: More = {}) =>
  field(name, "picklist", 255, { values, ...more });
export const phone = (name: string) => field(name, "phone", 40);
export const email = (name: string) => field(name, "email", 80);
export const url = (name: string) => field(name, "url", 255);
export const flag = (name: string, more: More = {}) =>
  field(name, "boolean", 0, { standard: false, ...more });
export const number = (name: string, type: "int" | "double" | "currency" | "percent" = "double") =>
  field(name, type, 0);
export const day = (name: string, more: More = {}) => field(name, "date", 0, more);
export const time = (name: string, more: More = {}) => field(name, "datetime", 0, more);
export const to = (name: string, referenceTo: string, more: More = {}) =>
  field(name, "reference", 18, {
    referenceTo,
    relationshipName: name.endsWith("__c") ? name.replace(/__c$/, "__r") : name.replace(/Id$/, ""),
    ...more,
  });
export const key = () => field("Id", "id", 18, { isWritable: false });

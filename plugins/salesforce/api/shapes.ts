import { type Json, Type } from "@plugboard/plugin-sdk";

// Parts of inputs and records that more than one resource has.

export const Text = Type.String();
export const MaybeText = Type.Nullable(Text);
export const MaybeNumber = Type.Nullable(Type.Number());
export const MaybeBoolean = Type.Nullable(Type.Boolean());
export const Time = Type.String({ format: "date-time" });
export const MaybeTime = Type.Nullable(Time);
export const Day = Type.String({ format: "date" });
export const MaybeDay = Type.Nullable(Day);

/** 15 characters, or 18 with the part that tells upper from lower case. */
export const Id = Type.String({
  pattern: "^[A-Za-z0-9]{15}([A-Za-z0-9]{3})?$",
  description: "A record's id, of 15 or 18 characters",
});
export const ObjectName = Type.String({
  pattern: "^[A-Za-z][A-Za-z0-9_]{0,79}$",
  description: "The API name of an object, such as Account or Invoice__c",
});
export const FieldName = Type.String({
  pattern: "^[A-Za-z][A-Za-z0-9_]{0,79}$",
  description: "The API name of a field, such as Name or Region__c",
});
/** Also of what a record refers to. */
export const FieldPath = Type.String({
  pattern: "^[A-Za-z][A-Za-z0-9_]{0,79}([.][A-Za-z][A-Za-z0-9_]{0,79}){0,5}$",
  description: "A field, also of a related record: Name, Owner.Name",
});
export const Soql = Type.String({
  minLength: 1,
  maxLength: 16_000,
  description: "Such as SELECT Id, Name FROM Account WHERE Industry = 'Energy'",
});

/** Fields by their API names, as Salesforce has them. */
export const Fields = Type.Unsafe<{ [field: string]: Json }>({
  type: "object",
  // No pattern: of thousands of records it would cost more than a check may. Salesforce knows its fields' names.
  propertyNames: { maxLength: 160 },
  maxProperties: 500,
  additionalProperties: true,
  description: 'Values by the API names of fields: { "Name": "Acme", "Region__c": "North" }',
});
/** A record as Salesforce sends it. */
export const RawRecord = Type.Record(Type.Unknown());

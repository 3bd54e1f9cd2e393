import { InvalidInputError } from "@plugboard/plugin-sdk";

type Config = { readonly [setting: string]: unknown };

/** Those of the connection's `customFields` that are this object's, by their API names. */
export function customFieldsOf({ customFields }: Config, object: string): string[] {
  return fieldsOf(customFields, object);
}

/** The field that tells which record of an application's a record is. @throws InvalidInputError where none is named */
export function externalIdOf({ externalIds }: Config, object: string): string {
  const [field] = fieldsOf(externalIds, object);
  if (field !== undefined) return field;
  throw new InvalidInputError(
    `Under which key is not known: name ${object}'s field for it in the connection's setting externalIds, such as ${object}.External_Id__c.`,
  );
}

/** Of names such as `Account.Region__c` those of the object's, without it. */
function fieldsOf(setting: unknown, object: string): string[] {
  if (!Array.isArray(setting)) return [];
  const prefix = `${object}.`;
  return setting
    .filter((one): one is string => typeof one === "string" && one.startsWith(prefix))
    .map((one) => one.slice(prefix.length));
}

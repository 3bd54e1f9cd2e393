import { InvalidInputError } from "@plugboard/plugin-sdk";

/**
 * Shopify takes some fields of a record when it is made and not afterwards.
 *
 * @throws InvalidInputError if one of them is among the changes
 */
export function refuseLater<Changes extends object, Field extends keyof Changes & string>(
  changes: Changes,
  fields: readonly Field[],
  instead: string,
): Omit<Changes, Field> {
  const late = fields.filter((field) => changes[field] !== undefined);
  if (late.length > 0)
    throw new InvalidInputError(`${late.join(", ")} can only be given when the record is made. ${instead}`);
  return changes;
}

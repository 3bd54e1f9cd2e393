import { SalesforceError } from "../errors.ts";
import type { Org } from "../orgs.ts";
import type { Row, SObject } from "../schema/sobject.ts";
import type { Found } from "../soql/index.ts";
import { outward } from "./outward.ts";

/** A record as Salesforce sends it; all its fields where none are named. @throws SalesforceError INVALID_FIELD */
export function recordOf(object: SObject, row: Row, base: string, names?: readonly string[]): Found {
  const fields = names
    ? [...new Set(["Id", ...names])].map((name) => {
        const field = object.field(name);
        if (field) return field;
        throw new SalesforceError(
          400,
          "INVALID_FIELD",
          `No such column '${name}' on sobject of type ${object.name}`,
        );
      })
    : object.fields;
  return {
    attributes: { type: object.name, url: `${base}/sobjects/${object.name}/${row.Id}` },
    ...Object.fromEntries(fields.map((field) => [field.name, outward(field, row[field.name] ?? null)])),
  };
}

/** The object that an id is of, by its first three characters. */
export function objectOfId(org: Org, id: string): SObject | undefined {
  return org.objects.find(({ keyPrefix }) => keyPrefix === id.slice(0, 3));
}

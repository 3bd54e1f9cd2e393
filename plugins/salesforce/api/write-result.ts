import { PluginError } from "@plugboard/plugin-sdk";
import { classOf, codeOf, detailsOf, type SalesforceError } from "./errors.ts";

/** What became of one record among several. */
export interface WriteResult {
  id?: string;
  success: boolean;
  created?: boolean;
  errors?: SalesforceError[];
}

/** Why a record was not written. */
export function failureOf({ errors = [] }: WriteResult): PluginError {
  const [first] = errors;
  return new PluginError(
    classOf(codeOf(first)) ?? "invalid-input",
    first?.message ?? "Salesforce did not write the record.",
    { details: detailsOf(first) },
  );
}

import { type Json, VendorError } from "@plugboard/plugin-sdk";
import Papa from "papaparse";

/** How Bulk API 2.0 writes that a field is to be emptied: https://developer.salesforce.com/docs/atlas.en-us.api_asynch.meta/api_asynch/datafiles_prepare_csv.htm */
const emptied = "#N/A";

/** Records as CSV, with a column for each field that any of them has; what one of them has not is left as it is. */
export function toCsv(records: readonly { [field: string]: Json }[]): string {
  const columns = [...new Set(records.flatMap((record) => Object.keys(record)))];
  const rows = records.map((record) => columns.map((column) => cell(record[column])));
  return `${Papa.unparse([columns, ...rows], { newline: "\n" })}\n`;
}

/**
 * Records of CSV; all values are texts. Salesforce gives rows back as a tenant uploaded them: one that is too short has empty
 * values, and what stands in one beyond the columns is left out.
 *
 * @throws VendorError
 */
export function fromCsv(csv: string): { [field: string]: string }[] {
  // The line feed at the end begins no row. Any other empty line is a row, where there is one column.
  const { data, errors } = Papa.parse<string[]>(csv.replace(/\r?\n$/, ""), { delimiter: "," });
  const [error] = errors;
  if (error) throw new VendorError(`Salesforce's CSV cannot be read: ${error.message}.`);
  const [columns = [], ...rows] = data;
  return rows
    .filter((row) => columns.length === 1 || row.length > 1 || row[0] !== "")
    .map((row) => Object.fromEntries(columns.map((column, index) => [column, row[index] ?? ""])));
}

function cell(value: Json | undefined): string {
  if (value === undefined) return "";
  if (value === null) return emptied;
  return typeof value === "object" ? JSON.stringify(value) : String(value);
}

import { SalesforceError } from "../errors.ts";

/** So much of a query is shown around the place that an error is about. */
const shownBefore = 40;
const shownAfter = 40;

/** What is wrong with a query, and where, as Salesforce shows it. @param at an offset into the query */
export function refuseQuery(errorCode: string, soql: string, at: number, message: string): SalesforceError {
  const before = soql.slice(0, at);
  const row = before.split("\n").length;
  const column = at - before.lastIndexOf("\n");
  const from = Math.max(at - shownBefore, before.lastIndexOf("\n") + 1);
  const [shown = ""] = soql.slice(from, at + shownAfter).split("\n");
  const pointer = `${" ".repeat(at - from)}^`;
  return new SalesforceError(
    400,
    errorCode,
    `\n${shown}\n${pointer}\nERROR at Row:${row}:Column:${column}\n${message}`,
  );
}

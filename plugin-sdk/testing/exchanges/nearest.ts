import { distance } from "fastest-levenshtein";
import { isSameBody, type RecordedExchange } from "./recorded.ts";

type Request = RecordedExchange["request"];

/** Says of a request that was not recorded which one comes nearest, and in what it differs. */
export function describeNearest(asked: Request, recorded: readonly Request[]): string {
  const [nearest] = recorded.toSorted((one, other) => farness(asked, one) - farness(asked, other));
  if (!nearest) return "Nothing is recorded.";
  return `The nearest that was recorded is ${lineOf(nearest)}: ${differenceOf(asked, nearest)}.`;
}

export const lineOf = ({ method, url }: Request): string => `${method} ${url}`;

/** Another path matters more than another method, that more than another query, and that more than another body. */
function farness(one: Request, other: Request): number {
  const [a, b] = [new URL(one.url), new URL(other.url)];
  const path = distance(a.host + a.pathname, b.host + b.pathname) * 1_000;
  const method = one.method === other.method ? 0 : 500;
  const query = Math.min(distance(a.search, b.search), 400);
  return path + method + query + (isSameBody(one, other) ? 0 : 1);
}

function differenceOf(asked: Request, nearest: Request): string {
  const [a, b] = [new URL(asked.url), new URL(nearest.url)];
  const differs: string[] = [];
  if (asked.method !== nearest.method) differs.push("the method");
  if (a.host !== b.host) differs.push("the host");
  if (a.pathname !== b.pathname) differs.push("the path");
  const names = new Set([...a.searchParams.keys(), ...b.searchParams.keys()]);
  for (const name of names) {
    const [wanted, found] = [a.searchParams.getAll(name).join(), b.searchParams.getAll(name).join()];
    if (wanted !== found)
      differs.push(
        `the parameter ${name} (${JSON.stringify(found)} was recorded, not ${JSON.stringify(wanted)})`,
      );
  }
  if (!isSameBody(asked, nearest)) differs.push("the body");
  return differs.length === 0 ? "it was answered already" : `it differs in ${differs.join(", ")}`;
}

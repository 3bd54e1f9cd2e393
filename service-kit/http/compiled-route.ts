import type { IncomingMessage } from "node:http";
import { parse } from "node:querystring";
import { Type } from "typebox";
import { compileBodyReader } from "./body/index.ts";
import { invalidRequest, type Problem, textProblem } from "./problems.ts";
import type { Route } from "./route.ts";
import { compileReplyCheck, compileValidator } from "./validator.ts";

/** A route with everything that a request needs of it worked out beforehand. */
export interface CompiledRoute {
  route: Route;
  isPublic: boolean;
  /**
   * Reads the parts of a request.
   *
   * @throws PlugboardError `invalid-request` with all that is wrong, or what reading a body can throw.
   */
  read(request: IncomingMessage, rawParams: RawValues, search: string): Promise<RequestParts>;
  /** What does not fit the declared response, if anything. */
  checkReply(status: number, body: unknown): string | undefined;
}

export interface RequestParts {
  params: unknown;
  query: unknown;
  body: unknown;
}

type RawValues = Record<string, string | string[] | undefined>;

const validateNoParams = compileValidator(Type.Object({}), { in: "path", coerce: true });
const validateNoQuery = compileValidator(Type.Object({}), { in: "query", coerce: true });

/** @throws TypeError if the parameters in the path are not those declared. */
export function compileRoute(route: Route): CompiledRoute {
  checkParamsDeclared(route);
  const validateParams = route.params
    ? compileValidator(route.params, { in: "path", coerce: true })
    : validateNoParams;
  const validateQuery = route.query
    ? compileValidator(route.query, { in: "query", coerce: true })
    : validateNoQuery;
  const readBody = route.body ? compileBodyReader(route.body, route.maxBodyBytes) : undefined;
  return {
    route,
    isPublic: route.access === "public",
    checkReply: compileReplyChecks(route),
    async read(request, rawParams, search) {
      const params = { ...rawParams };
      const query = parseQuery(search);
      const problems = [
        ...unstorable(params, "path"),
        ...validateParams(params),
        ...unstorable(query, "query"),
        ...validateQuery(query),
      ];
      if (!readBody) {
        if (problems.length > 0) throw invalidRequest(problems);
        return { params, query, body: undefined };
      }
      const { value: body, problems: inBody } = await readBody(request);
      if (problems.length + inBody.length > 0) throw invalidRequest([...problems, ...inBody]);
      return { params, query, body };
    },
  };
}

/** Into a plain object, because that of `parse` has no prototype, which handlers would stumble over. */
function parseQuery(search: string): RawValues {
  return search === "" ? {} : Object.fromEntries(Object.entries(parse(search)));
}

function compileReplyChecks(route: Route): CompiledRoute["checkReply"] {
  const checks = new Map<number, ReturnType<typeof compileReplyCheck>>();
  return (status, body) => {
    const declared = route.responses[status];
    if (!declared) return `the status ${status} is not declared`;
    if (!declared.schema) return undefined;
    const check = checks.get(status) ?? compileReplyCheck(declared.schema);
    checks.set(status, check);
    return check(body);
  };
}

function checkParamsDeclared(route: Route): void {
  const parts = route.path.split("/").filter((part) => part === "*" || part.startsWith(":"));
  const inPath = parts.map((part) => part.replace(/^:/, "")).toSorted();
  const declared = Object.keys(route.params?.properties ?? {}).toSorted();
  if (inPath.join() !== declared.join()) {
    throw new TypeError(
      `The route ${route.operationId} (${route.path}) declares the parameters [${declared}], its path has [${inPath}].`,
    );
  }
}

function unstorable(values: RawValues, where: "path" | "query"): Problem[] {
  const problems: Problem[] = [];
  for (const name of Object.keys(values)) {
    const message = textProblem(name) ?? valueProblem(values[name]);
    if (message) problems.push({ in: where, pointer: `/${name.replaceAll("\0", "")}`, message });
  }
  return problems;
}

function valueProblem(value: RawValues[string]): string | undefined {
  if (typeof value === "string") return textProblem(value);
  return value?.map(textProblem).find((found) => found !== undefined);
}

import type { IncomingMessage } from "node:http";
import { parse } from "node:querystring";
import { Type } from "typebox";
import { compileBodyReader } from "./body/index.ts";
import { httpErrors } from "./http-errors.ts";
import { type Problem, textProblem } from "./problems.ts";
import type { Route } from "./route.ts";
import { compileReplyCheck, compileValidator } from "./validator.ts";

/** A route with everything that a request needs of it worked out beforehand. */
export interface CompiledRoute {
  route: Route;
  isPublic: boolean;
  /** Each throws `invalid-request`, or what reading a body can throw. */
  readParams(raw: Record<string, string | undefined>): unknown;
  readQuery(search: string): unknown;
  readBody(request: IncomingMessage): Promise<unknown>;
  /** What does not fit the declared response, if anything. */
  checkReply(status: number, body: unknown): string | undefined;
}

const noFields = Type.Object({});

export function compileRoute(route: Route): CompiledRoute {
  checkParamsDeclared(route);
  const validateParams = compileValidator(route.params ?? noFields, { in: "path", coerce: true });
  const validateQuery = compileValidator(route.query ?? noFields, { in: "query", coerce: true });
  const replyChecks = new Map<number, ReturnType<typeof compileReplyCheck>>();
  return {
    route,
    isPublic: route.access === "public",
    readBody: compileBodyReader(route.body, route.maxBodyBytes),
    readParams(raw) {
      const params = { ...raw };
      refuseUnstorable(params, "path");
      validateParams(params);
      return params;
    },
    readQuery(search) {
      // A plain object, because parse() gives one without a prototype, and handlers spread and compare it.
      const query = search === "" ? {} : Object.fromEntries(Object.entries(parse(search)));
      if (search !== "") refuseUnstorable(query, "query");
      validateQuery(query);
      return query;
    },
    checkReply(status, body) {
      const declared = route.responses[status];
      if (!declared) return `the status ${status} is not declared`;
      if (!declared.schema) return undefined;
      let check = replyChecks.get(status);
      if (!check) {
        check = compileReplyCheck(declared.schema);
        replyChecks.set(status, check);
      }
      return check(body);
    },
  };
}

function checkParamsDeclared(route: Route): void {
  const inPath = route.path
    .split("/")
    .flatMap((part) => (part === "*" ? ["*"] : part.startsWith(":") ? [part.slice(1)] : []));
  const declared = Object.keys(route.params?.properties ?? {});
  if (inPath.toSorted().join() !== declared.toSorted().join()) {
    throw new TypeError(
      `The route ${route.operationId} (${route.path}) declares the parameters [${declared}], its path has [${inPath}].`,
    );
  }
}

function refuseUnstorable(
  values: Record<string, string | string[] | undefined>,
  where: "path" | "query",
): void {
  const problems = Object.entries(values).flatMap(([name, value]): Problem[] => {
    const message = [name, value ?? []]
      .flat()
      .map(textProblem)
      .find((found) => found !== undefined);
    return message ? [{ in: where, pointer: `/${name}`, message }] : [];
  });
  if (problems.length > 0)
    throw httpErrors.error("invalid-request", "The URL holds text that cannot be stored.", { problems });
}

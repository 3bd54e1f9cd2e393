import findMyWay, { type HTTPMethod } from "find-my-way";
import { type CompiledRoute, compileRoute } from "./compiled-route.ts";
import { httpErrors } from "./http-errors.ts";
import type { Route } from "./route.ts";

export interface Match {
  compiled: CompiledRoute;
  /** Percent-decoded. */
  params: Record<string, string | undefined>;
}

export interface Router {
  /** @throws PlugboardError `malformed-url`, `route-not-found`, `method-not-allowed` (with Allow). */
  find(method: string, path: string): Match;
  /** The methods a path has, HEAD and OPTIONS among them; empty if there is nothing at that path. */
  methodsOf(path: string): string[];
}

const maxParamLength = 1024;

/** Puts all routes into one tree, in which a path is found in a time that does not grow with their number. */
export function createRouter(routes: Route[]): Router {
  const tree = findMyWay({ maxParamLength });
  for (const route of routes) {
    tree.on(route.method, route.path, () => {}, compileRoute(route));
  }
  const methods = [...new Set(routes.map((route) => route.method))];

  /** A parameter takes at least one character: `/things/` is not `/things/:id`. */
  function match(method: string, path: string): Match | undefined {
    const found = tree.find(method as HTTPMethod, path);
    if (!found || Object.values(found.params).includes("")) return undefined;
    return { compiled: found.store as CompiledRoute, params: found.params };
  }

  function methodsOf(path: string): string[] {
    const found: string[] = methods.filter((method) => match(method, path));
    if (found.length === 0) return [];
    if (found.includes("GET")) found.push("HEAD");
    return [...found, "OPTIONS"].toSorted();
  }

  return {
    methodsOf,
    find(method, path) {
      const found = match(method === "HEAD" ? "GET" : method, path);
      if (found) return found;
      const allowed = methodsOf(path);
      if (allowed.length > 0) {
        const allow = allowed.join(", ");
        throw httpErrors.error(
          "method-not-allowed",
          `This path takes ${allow}.`,
          {},
          { headers: { Allow: allow } },
        );
      }
      throw httpErrors.error("route-not-found", "There is nothing at this path.");
    },
  };
}

/**
 * The path and query of a request target, also of one in absolute form (RFC 9112, 3.2.2).
 *
 * @throws PlugboardError `malformed-url` if it is neither, or its percent-encoding is not UTF-8.
 */
export function splitTarget(target: string): { path: string; search: string } {
  const relative = target.startsWith("/") ? target : absoluteToRelative(target);
  const query = relative.indexOf("?");
  const path = query === -1 ? relative : relative.slice(0, query);
  if (path.includes("%")) {
    try {
      decodeURIComponent(path);
    } catch {
      throw httpErrors.error("malformed-url", "The percent-encoding of the path is not valid UTF-8.");
    }
  }
  return { path, search: query === -1 ? "" : relative.slice(query + 1) };
}

function absoluteToRelative(target: string): string {
  const url = URL.parse(target);
  if (!url) throw httpErrors.error("malformed-url", "The request target is neither a path nor a URL.");
  return `${url.pathname}${url.search}`;
}

import type { ReadAction } from "./read-actions.ts";
import type { Server } from "./servers.ts";

/** The call that shows whether a credential works: one that reads, needs nothing, and is likely about the account. */
export function testRequestOf(actions: ReadAction[], server: Server): string | undefined {
  const [host, ...others] = server.hosts;
  const rest = server.url.slice(1);
  const candidates = actions.filter(
    ({ operation, input, path, server: own }) =>
      operation.method === "GET" &&
      own === undefined &&
      input.properties.every(({ isOptional }) => isOptional) &&
      path.every((part) => typeof part === "string"),
  );
  const best =
    candidates.find(({ operation }) => /\/(?:me|self|user|account|whoami|profile)$/i.test(operation.path)) ??
    candidates[0];
  if (!best || host === undefined || others.length > 0) return undefined;
  const isHostOnly = rest.every((part) => typeof part === "string" || host.includes(`{${part.setting}}`));
  if (!isHostOnly || server.pathPattern.includes("*")) return undefined;
  return `GET https://${host}${server.pathPattern}${best.path.join("")}`;
}

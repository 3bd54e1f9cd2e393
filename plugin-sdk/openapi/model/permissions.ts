import type { AuthDeclaration, HttpMethod, NetworkPermission } from "../../manifest/index.ts";
import { titleOf } from "../names.ts";
import type { ActionModel } from "./action-model.ts";
import type { Server } from "./servers.ts";

const maxPaths = 200;
const maxEntries = 60;

/** What the plugin may reach: for each group of actions its hosts, methods and paths, and where tokens come from. */
export function networkPermissions(
  actions: ActionModel[],
  main: Server,
  auth: AuthDeclaration[],
): NetworkPermission[] {
  const groups = new Map<string, { hosts: string[]; actions: ActionModel[]; server: Server }>();
  const isFew = new Set(actions.map(({ group }) => group)).size <= maxEntries;
  for (const action of actions) {
    const server = action.server ?? main;
    const name = isFew ? action.group : "";
    const key = `${server.hosts.join(" ")}\n${server.pathPattern}\n${name}`;
    const group = groups.get(key) ?? { hosts: server.hosts, actions: [], server };
    group.actions.push(action);
    groups.set(key, group);
  }
  const entries = [...groups.values()].map(({ hosts, actions: own, server }): NetworkPermission => {
    const paths = [...new Set(own.map(({ pathPattern }) => server.pathPattern + pathPattern))].sort();
    const few = paths.length > maxPaths ? [`${server.pathPattern}/**`] : paths;
    return {
      hosts,
      methods: methodsOf(own),
      ...(few.every(isUsable) && { paths: few }),
      reason: isFew
        ? `Call the API's operations on ${titleOf(own[0]?.group ?? "").toLowerCase()}`
        : "Call the API",
    };
  });
  const all = [...entries, ...auth.flatMap(tokenPermissions)];
  return all.filter((entry, index) => !all.slice(0, index).some((one) => covers(one, entry)));
}

function methodsOf(actions: ActionModel[]): HttpMethod[] {
  const order: HttpMethod[] = ["GET", "HEAD", "POST", "PUT", "PATCH", "DELETE", "OPTIONS"];
  return order.filter((method) => actions.some(({ operation }) => operation.method === method));
}

/** Paths that a pattern cannot say stand for all paths of the host. */
function isUsable(path: string): boolean {
  return (
    URL.canParse(path, "https://host") &&
    new URL(path.replaceAll("*", "x"), "https://host").pathname === path.replaceAll("*", "x")
  );
}

/** The host itself fetches tokens, and sends people to sign in; a tenant consents to where. */
function tokenPermissions(auth: AuthDeclaration): NetworkPermission[] {
  if (auth.type !== "oauth2") return [];
  const token = new URL(auth.tokenUrl);
  const signIn = auth.authorizationUrl === undefined ? undefined : new URL(auth.authorizationUrl);
  return [
    { hosts: [token.host], methods: ["POST"], paths: [token.pathname], reason: "Get access tokens" },
    ...(signIn
      ? [
          {
            hosts: [signIn.host],
            methods: ["GET" as const],
            paths: [signIn.pathname],
            reason: "Let you sign in",
          },
        ]
      : []),
  ];
}

function covers(one: NetworkPermission, other: NetworkPermission): boolean {
  return (
    other.hosts.every((host) => one.hosts.includes(host)) &&
    other.methods.every((method) => one.methods.includes(method)) &&
    (one.paths === undefined || (other.paths?.every((path) => one.paths?.includes(path)) ?? false))
  );
}

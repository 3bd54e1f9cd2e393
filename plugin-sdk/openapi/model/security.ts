import type { AuthDeclaration } from "../../manifest/index.ts";
import type { Notes } from "../notes.ts";
import { below } from "../pointer.ts";
import type { Resolve } from "../resolve.ts";
import { plainText } from "../text.ts";
import { at, type Fields, fieldsAt, isFields, listAt, textAt } from "../value.ts";
import type { Operation } from "./operations.ts";

const maxDeclarations = 10;
const maxScopes = 200;
const scopePattern = /^[\x21\x23-\x5B\x5D-\x7E]{1,300}$/;

/** What the selected operations ask for: schemes by name, each with the scopes that are named with it. */
interface Wanted {
  name: string;
  scopes: Set<string>;
}

/** How the host authenticates, as far as `securitySchemes` can be said in plugin.json; the rest is noted. */
export function readAuth(
  document: Fields,
  operations: Operation[],
  o: { notes: Notes; resolve: Resolve; baseUrl: string },
): AuthDeclaration[] {
  const schemes = fieldsAt(fieldsAt(document, "components"), "securitySchemes");
  const wanted = wantedBy(document, operations, o.notes);
  if (Object.keys(schemes).length === 0 || wanted.length === 0) {
    o.notes.add(
      "decide",
      "/components/securitySchemes",
      'The description does not say how to authenticate; if the API asks for it, declare it as "auth" in plugin.json, or with --auth.',
    );
    return [];
  }
  const declared = wanted
    .flatMap(({ name, scopes }) => {
      const pointer = below("", "components", "securitySchemes", name);
      const place = o.resolve({ value: at(schemes, name), pointer });
      if (!place || !isFields(place.value)) {
        o.notes.add("left-out", pointer, "This way to authenticate is named and not described.");
        return [];
      }
      return declarationsOf(place.value, { ...o, pointer, scopes });
    })
    .slice(0, maxDeclarations);
  const kindOf = (one: AuthDeclaration) => (one.type === "oauth2" ? `oauth2 ${one.grant}` : one.type);
  // A connection says which one it uses by its kind.
  return declared.filter((one, index) => {
    const isFirst = declared.findIndex((other) => kindOf(other) === kindOf(one)) === index;
    if (!isFirst)
      o.notes.add(
        "left-out",
        "/components/securitySchemes",
        `There is more than one way of the kind "${one.type}"; the plugin has the first.`,
      );
    return isFirst;
  });
}

function wantedBy(document: Fields, operations: Operation[], notes: Notes): Wanted[] {
  const wanted = new Map<string, Wanted>();
  for (const { schema, pointer } of operations) {
    const own = at(schema, "security");
    const requirements = own === undefined ? listAt(document, "security") : listAt(schema, "security");
    for (const requirement of requirements) {
      if (!isFields(requirement)) continue;
      const names = Object.keys(requirement);
      if (names.length > 1)
        notes.add(
          "left-out",
          own === undefined ? "/security" : below(pointer, "security"),
          "Several ways to authenticate are wanted at once; a connection has one.",
        );
      for (const name of names) {
        const one = wanted.get(name) ?? { name, scopes: new Set() };
        for (const scope of listAt(requirement, name)) if (typeof scope === "string") one.scopes.add(scope);
        wanted.set(name, one);
      }
    }
  }
  return [...wanted.values()];
}

interface SchemeContext {
  notes: Notes;
  pointer: string;
  scopes: Set<string>;
  baseUrl: string;
}

function declarationsOf(scheme: Fields, context: SchemeContext): AuthDeclaration[] {
  const { notes, pointer } = context;
  const leaveOut = (what: string): [] => {
    notes.add("left-out", pointer, `${what} has no counterpart in plugin.json.`);
    return [];
  };
  const title = plainText(textAt(scheme, "description"), 80);
  const about = title === undefined ? {} : { title };
  switch (textAt(scheme, "type")) {
    case "apiKey": {
      const place = textAt(scheme, "in");
      const name = textAt(scheme, "name") ?? "";
      if (place !== "header" && place !== "query") return leaveOut("A key in a cookie");
      if (!/^[!#$%&'*+.^_`|~0-9A-Za-z-]{1,100}$/.test(name)) return leaveOut("A key under such a name");
      return [{ type: "apiKey", in: place, name, ...about }];
    }
    case "http": {
      const kind = (textAt(scheme, "scheme") ?? "").toLowerCase();
      if (kind === "bearer" || kind === "basic") return [{ type: kind, ...about }];
      return leaveOut("This scheme of HTTP authentication");
    }
    case "oauth2":
      return flowsOf(scheme, about, context);
    case "openIdConnect":
      return leaveOut("OpenID Connect discovery (declare its token and authorization URLs as oauth2)");
    default:
      return leaveOut("This way to authenticate");
  }
}

function flowsOf(scheme: Fields, about: { title?: string }, context: SchemeContext): AuthDeclaration[] {
  const flows = fieldsAt(scheme, "flows");
  const declarations: AuthDeclaration[] = [];
  for (const [name, grant] of [
    ["authorizationCode", "authorization_code"],
    ["clientCredentials", "client_credentials"],
  ] as const) {
    const flow = at(flows, name);
    if (!isFields(flow)) continue;
    const pointer = below(context.pointer, "flows", name);
    const tokenUrl = httpsUrl(textAt(flow, "tokenUrl"), context.baseUrl);
    const authorizationUrl = httpsUrl(textAt(flow, "authorizationUrl"), context.baseUrl);
    if (tokenUrl === undefined || (grant === "authorization_code" && authorizationUrl === undefined)) {
      context.notes.add("left-out", pointer, "This flow has no https URL for its tokens or for signing in.");
      continue;
    }
    const scopes = scopesOf(flow, pointer, context);
    declarations.push({
      type: "oauth2",
      grant,
      ...(grant === "authorization_code" && authorizationUrl !== undefined && { authorizationUrl }),
      tokenUrl,
      ...(scopes.length > 0 && { scopes }),
      ...about,
    });
  }
  for (const name of ["implicit", "password"])
    if (isFields(at(flows, name)))
      context.notes.add(
        "left-out",
        below(context.pointer, "flows", name),
        `The flow "${name}" is not offered: OAuth 2.1 has abolished it.`,
      );
  return declarations;
}

/** Those that the selected operations ask for; where none says which, all of them. */
function scopesOf(flow: Fields, pointer: string, { scopes, notes }: SchemeContext): string[] {
  const offered = Object.keys(fieldsAt(flow, "scopes"));
  const asked = offered.filter((scope) => scopes.has(scope));
  if (asked.length === 0 && offered.length > 0)
    notes.add(
      "decide",
      below(pointer, "scopes"),
      "No operation says which scopes it needs; all are asked for. Keep in plugin.json those that are used.",
    );
  return (asked.length > 0 ? asked : offered).filter((scope) => scopePattern.test(scope)).slice(0, maxScopes);
}

function httpsUrl(text: string | undefined, base: string): string | undefined {
  if (text === undefined || !URL.canParse(text, base)) return undefined;
  const url = new URL(text, base);
  return url.protocol === "https:" && url.username === "" && url.href.length <= 2000 ? url.href : undefined;
}

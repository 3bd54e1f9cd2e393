import type { EntityModel } from "../model/entities.ts";
import type { Shape } from "../schema/index.ts";
import { commentText } from "../text.ts";
import { type Code, docComment, print, quoted } from "./code.ts";
import { pathCode, type Uses } from "./request.ts";
import { type NameOf, shapeCode } from "./shape.ts";

interface Printing {
  nameOf: NameOf;
  uses: Uses;
  hasSettings: boolean;
}

/** One entity as code. */
export function entityCode(entity: EntityModel, o: Printing): string {
  o.uses.sdk.add("entity").add("Type");
  const { identifier, list, schema, record } = entity;
  const isNamed = schema.kind === "named";
  const constant = isNamed ? o.nameOf(schema.component) : `${identifier}Record`;
  const property = (key: string, value: Code) =>
    `  ${key}: ${print(value, { indent: 2, column: key.length + 4 })},\n`;
  const optional = (key: string, shape: Shape | undefined) =>
    shape === undefined ? "" : property(key, shapeCode(shape, o.nameOf));
  const lead = `const ${constant} = `;
  return [
    isNamed ? "" : `${lead}${print(shapeCode(record, o.nameOf), { indent: 0, column: lead.length })};\n\n`,
    docComment([commentText(`The records of \`${list.operation.path}\`.`)], 0),
    `export const ${identifier} = entity({\n`,
    property("title", quoted(entity.title)),
    property("schema", constant),
    property("key", quoted(entity.key)),
    entity.updatedAt === undefined ? "" : property("updatedAt", quoted(entity.updatedAt)),
    optional("input", entity.input),
    optional("filter", entity.filter),
    listCode(entity, constant, o),
    getCode(entity, constant, o),
    createCode(entity, constant, o),
    updateCode(entity, constant, o),
    removeCode(entity, o),
    "});\n",
  ].join("");
}

const key = (name: string): string => (/^[A-Za-z_$][\w$]*$/.test(name) ? name : quoted(name));
const member = (of: string, name: string, sign = "."): string =>
  /^[A-Za-z_$][\w$]*$/.test(name)
    ? `${of}${sign}${name}`
    : `${of}${sign === "?." ? "?." : ""}[${quoted(name)}]`;

function urlCall(path: string, o: Printing, query?: string): string {
  o.uses.api.add("urlOf");
  return `urlOf(${[...(o.hasSettings ? ["connection"] : []), path, ...(query === undefined ? [] : [query])].join(", ")})`;
}

const contextOf = (names: string[], o: Printing): string =>
  `{ ${[...names, "fetch", ...(o.hasSettings ? ["connection"] : [])].join(", ")} }`;

function listCode(entity: EntityModel, constant: string, o: Printing): string {
  const { paging, list, items, filters, since } = entity;
  const path = quoted(list.path.join(""));
  o.uses.sdk.add("type Static");
  const wanted = paging.limit;
  const most =
    wanted === undefined ? undefined : wanted.max === undefined ? "limit" : `Math.min(limit, ${wanted.max})`;
  const parameters = (more: string[]) =>
    `{ ${[
      ...(filters.length > 0 ? ["...filter"] : []),
      ...(since === undefined ? [] : [`${key(since)}: updatedSince`]),
      ...more,
    ].join(", ")} }`;
  const pair = (name: string, value: string) => (name === value ? name : `${key(name)}: ${value}`);
  const limitPair = (value: string) => (wanted === undefined ? [] : [pair(wanted.input, value)]);
  const context = (names: string[]) =>
    contextOf(
      [...names, ...(filters.length > 0 ? ["filter"] : []), ...(since === undefined ? [] : ["updatedSince"])],
      o,
    );
  const reply = replyType(entity, constant);
  const found = items === undefined ? "reply" : member("reply", items);
  const shown = entity.mayLackItems ? "items" : found;
  const shownAs = entity.mayLackItems ? "items" : `items: ${found}`;
  const orNone = entity.mayLackItems ? [`const items = ${found} ?? [];`] : [];
  const lines: string[] = [];
  const limitName = most === undefined ? [] : ["limit"];
  switch (paging.style) {
    case "none":
    case "cursor":
    case "last-key": {
      o.uses.sdk.add("requestJson");
      const hasCursor = paging.style !== "none";
      const query = parameters([
        ...limitPair(most ?? ""),
        ...(hasCursor ? [pair(paging.input, "cursor")] : []),
      ]);
      lines.push(`  async list(${context([...(hasCursor ? ["cursor"] : []), ...limitName])}) {`);
      lines.push(`    const url = ${urlCall(path, o, query === "{  }" ? undefined : query)};`);
      lines.push(`    const reply = await requestJson<${reply}>(fetch, url);`);
      lines.push(...orNone.map((line) => `    ${line}`));
      lines.push(`    return { ${shownAs}, nextCursor: ${nextCursor(entity, shown)} };`);
      lines.push("  },");
      break;
    }
    case "page":
    case "offset": {
      const isPage = paging.style === "page";
      const helper = isPage ? "pageByNumber" : "pageByOffset";
      const first = isPage && paging.first !== 1 ? `, first: ${paging.first}` : "";
      o.uses.sdk.add(helper).add("requestJson");
      const place = isPage ? "page" : "offset";
      lines.push(`  list: (${context(["cursor", "limit"])}) =>`);
      const size = most === undefined || most === "limit" ? "limit" : `limit: ${most}`;
      const second = isPage && wanted !== undefined ? ", size" : "";
      lines.push(`    ${helper}({ cursor, ${size}${first} }, async (${place}${second}) => {`);
      const value = isPage ? "size" : (most ?? "");
      const query = parameters([...limitPair(value), pair(paging.input, place)]);
      lines.push(`      const url = ${urlCall(path, o, query)};`);
      lines.push(`      const reply = await requestJson<${reply}>(fetch, url);`);
      lines.push(...orNone.map((line) => `      ${line}`));
      // Without a limit the size of a page is the vendor's: an empty page is the last one.
      const end =
        wanted !== undefined
          ? ""
          : isPage
            ? `, hasMore: ${shown}.length > 0`
            : `, total: ${shown}.length > 0 ? Number.POSITIVE_INFINITY : 0`;
      lines.push(`      return { ${shownAs}${end} };`, "    }),");
      break;
    }
    case "link": {
      o.uses.sdk.add("pageByLink").add("readJson").add("sendRequest");
      const query = parameters(limitPair(most ?? ""));
      lines.push(`  list: (${context(["cursor", ...limitName])}) =>`);
      lines.push(
        `    pageByLink({ cursor }, ${urlCall(path, o, query === "{  }" ? undefined : query)}, async (url) => {`,
      );
      lines.push("      const response = await sendRequest(fetch, url);");
      lines.push(`      const reply = await readJson<${reply}>(response);`);
      lines.push(...orNone.map((line) => `      ${line}`));
      lines.push(`      return { response, ${shownAs} };`, "    }),");
      break;
    }
  }
  return `${lines.join("\n")}\n`;
}

/** What of the list's answer is read. */
function replyType({ items, mayLackItems, paging }: EntityModel, constant: string): string {
  const records = `Static<typeof ${constant}>[]`;
  if (items === undefined) return records;
  const next =
    paging.style === "cursor"
      ? [
          paging.next.reduceRight(
            (inner, name, index) =>
              `${key(name)}?: ${index === paging.next.length - 1 ? "string | null" : `{ ${inner} }`}`,
            "",
          ),
        ]
      : paging.style === "last-key"
        ? [`${key(paging.more)}?: boolean`]
        : [];
  return `{ ${[`${key(items)}${mayLackItems ? "?" : ""}: ${records}`, ...next].join("; ")} }`;
}

function nextCursor({ paging, key: keyName }: EntityModel, items: string): string {
  if (paging.style === "cursor")
    return `${paging.next.reduce((of, name, index) => member(of, name, index === 0 ? "." : "?."), "reply")} || null`;
  if (paging.style !== "last-key") return "null";
  const last = member(`${items}.at(-1)`, keyName, "?.");
  return `${member("reply", paging.more)} ? String(${last}) : null`;
}

/** A function that makes one request and answers the record that comes back, or what is in it under a name. */
function recordCode(
  o: { name: string; envelope: string | undefined; constant: string; context: string; url: string },
  options: string[] = [],
): string {
  const { name, envelope, constant, context, url } = o;
  const moreAt = (indent: string) =>
    options.length === 0 ? "" : `, {\n${options.map((line) => `${indent}  ${line},\n`).join("")}${indent}}`;
  if (envelope !== undefined) {
    const type = `{ ${key(envelope)}: Static<typeof ${constant}> }`;
    return [
      `  async ${name}(${context}) {\n`,
      `    const url = ${url};\n`,
      `    const reply = await requestJson<${type}>(fetch, url${moreAt("    ")});\n`,
      `    return ${member("reply", envelope)};\n  },\n`,
    ].join("");
  }
  const line = `  ${name}: (${context}) => requestJson(fetch, ${url}),\n`;
  return options.length === 0 && line.length <= 111
    ? line
    : `  ${name}: (${context}) =>\n    requestJson(fetch, ${url}${moreAt("    ")}),\n`;
}

function getCode(entity: EntityModel, constant: string, o: Printing): string {
  o.uses.sdk.add("requestJson");
  const url = urlCall(itemPath(entity, o), o);
  const context = contextOf(["key"], o);
  return recordCode({ name: "get", envelope: entity.envelopes.get, constant, context, url });
}

function itemPath({ get, keyInput }: EntityModel, o: Printing, action = get): string {
  return pathCode(action.path, (name) => (name === keyInput ? "key" : name), o.uses);
}

function bodyCode(kind: string | undefined, value: string, o: Printing): string {
  if (kind === "json") return value === "json" ? "json" : `json: ${value}`;
  o.uses.api.add("formOf");
  return `body: formOf(${value}${kind === "brackets" ? ', "indices"' : ""})`;
}

function createCode(entity: EntityModel, constant: string, o: Printing): string {
  const { create, list, envelopes } = entity;
  if (!create) return "";
  const url = urlCall(quoted(list.path.join("")), o);
  const context = contextOf(["record", "idempotencyKey"], o);
  return recordCode({ name: "create", envelope: envelopes.create, constant, context, url }, [
    'method: "POST"',
    bodyCode(create.body?.kind, "record", o),
    "idempotencyKey",
  ]);
}

function updateCode(entity: EntityModel, constant: string, o: Printing): string {
  const { update, envelopes } = entity;
  if (!update) return "";
  const url = urlCall(itemPath(entity, o, update), o);
  const context = contextOf(["key", "changes", "idempotencyKey"], o);
  return recordCode({ name: "update", envelope: envelopes.update, constant, context, url }, [
    `method: ${quoted(update.operation.method)}`,
    bodyCode(update.body?.kind, "changes", o),
    "idempotencyKey",
  ]);
}

function removeCode(entity: EntityModel, o: Printing): string {
  const { remove } = entity;
  if (!remove) return "";
  o.uses.sdk.add("sendRequest");
  const url = urlCall(itemPath(entity, o, remove), o);
  return `  async remove(${contextOf(["key"], o)}) {\n    await sendRequest(fetch, ${url}, { method: "DELETE" });\n  },\n`;
}

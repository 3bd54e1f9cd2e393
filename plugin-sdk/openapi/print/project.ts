import type { ActionModel } from "../model/action-model.ts";
import type { EntityModel } from "../model/entities.ts";
import type { ReadAction } from "../model/read-actions.ts";
import type { Server } from "../model/servers.ts";
import { camelCase, createNamer, isTakenName } from "../names.ts";
import { actionCode } from "./action.ts";
import { apiFile } from "./api.ts";
import { entityCode } from "./entity.ts";
import { importLine, nameSchemas, namesIn } from "./named-schemas.ts";
import type { Uses } from "./request.ts";
import { testFile } from "./test-file.ts";

/** A file of the plugin's project; its path is relative to it. */
export interface ProjectFile {
  path: string;
  content: string;
}

/** All files of the plugin's code and tests. */
export function projectFiles(actions: ReadAction[], entities: EntityModel[], main: Server): ProjectFile[] {
  const schemas = nameSchemas(actions, entities);
  const hasSettings = main.settings.size > 0;
  const groups = [...new Set(actions.map(({ group }) => group))].map((group) => ({
    group,
    actions: actions.filter((action) => action.group === group),
    entities: entities.filter((entity) => entity.group === group),
  }));
  const api = new Set<string>();
  const files: ProjectFile[] = [];
  for (const { group, actions: own, entities: records } of groups) {
    const print = { nameOf: schemas.nameOf, hasSettings };
    const actionUses: Uses = { sdk: new Set(), api: new Set() };
    const code = own.map((action) => actionCode(action, { ...print, uses: actionUses }));
    const used = namesIn(
      own.flatMap(({ input, output }) => [input, output]),
      schemas.nameOf,
    );
    files.push({ path: `actions/${group}.ts`, content: withImports(code, actionUses, used) });
    for (const name of actionUses.api) api.add(name);
    if (records.length > 0) {
      const uses: Uses = { sdk: new Set(), api: new Set() };
      const entityParts = records.map((entity) => entityCode(entity, { ...print, uses }));
      const names = namesIn(records.flatMap(shapesOf), schemas.nameOf);
      files.push({ path: `entities/${group}.ts`, content: withImports(entityParts, uses, names) });
      for (const name of uses.api) api.add(name);
    }
    files.push({ path: `test/${group}.test.ts`, content: testFile(group, own, main) });
  }
  if (schemas.file !== "") files.push({ path: "schemas.ts", content: schemas.file });
  if (api.size > 0) files.push({ path: "api.ts", content: apiFile(main, api) });
  files.push({ path: "index.ts", content: indexFile(groups) });
  return files;
}

function shapesOf({ schema, record, input, filter }: EntityModel) {
  const own = schema.kind === "named" ? [schema] : [record];
  return [...own, ...[input, filter].filter((shape) => shape !== undefined)];
}

function withImports(code: string[], uses: Uses, schemas: string[]): string {
  const lines = [
    importLine(uses.sdk, "@plugboard/plugin-sdk"),
    importLine(uses.api, "../api.ts"),
    importLine(schemas, "../schemas.ts"),
  ];
  return `${lines.join("")}\n${code.join("\n")}`;
}

interface Group {
  group: string;
  actions: ActionModel[];
  entities: EntityModel[];
}

function indexFile(groups: Group[]): string {
  const nameOnce = createNamer("", isTakenName);
  const imports: { path: string; name: string }[] = [];
  const section = (folder: string, offers: (group: Group) => { name: string; identifier: string }[]) =>
    groups.flatMap((group) => {
      const offered = offers(group);
      if (offered.length === 0) return [];
      const local = nameOnce(
        camelCase(folder === "entities" ? `${group.group}-records` : group.group, "group"),
      );
      imports.push({ path: `./${folder}/${group.group}.ts`, name: local });
      return offered.map(({ name, identifier }) => {
        const line = `    ${keyOf(name)}: ${local}.${identifier},`;
        return line.length > 110 ? `    ${keyOf(name)}:\n      ${local}.${identifier},\n` : `${line}\n`;
      });
    });
  const actions = section("actions", (group) => group.actions);
  const entities = section("entities", (group) => group.entities);
  const lines = imports.map(({ path, name }) => `import * as ${name} from "${path}";\n`);
  return [
    'import { definePlugin } from "@plugboard/plugin-sdk";\n',
    ...lines.sort((a, b) => (a.slice(a.indexOf('"')) < b.slice(b.indexOf('"')) ? -1 : 1)),
    "\n// What the plugin offers. `plugboard build` writes it, with its schemas, into the manifest.\n",
    "export default definePlugin({\n",
    `  actions: {\n${actions.join("")}  },\n`,
    entities.length === 0 ? "" : `  entities: {\n${entities.join("")}  },\n`,
    "});\n",
  ].join("");
}

const keyOf = (name: string): string => (/^[a-z]\w*$/.test(name) ? name : JSON.stringify(name));

import {
  type ActionContribution,
  contributedHooks,
  diffPermissions,
  type EntityContribution,
  type Manifest,
  type TriggerContribution,
} from "../../manifest/index.ts";
import { code, page, table } from "./markdown.ts";
import { fieldsOf } from "./schema-fields.ts";

/** All that a plugin offers and asks for, from its built manifest. */
export function referencePage(manifest: Manifest): string {
  const { displayName, id, version, permissions, connection, contributes = {} } = manifest;
  return page(
    `# ${displayName}: reference`,
    `${code(id)} ${version}. Made by ${code("plugboard docs")} from the plugin; change the plugin, not this file.`,
    ...section("Permissions", permissionTable(permissions)),
    ...section("Credential", table(["type", "how"], (manifest.auth ?? []).map(describeAuth))),
    ...section("Settings of a connection", fieldsOf(connection?.config)),
    ...section("Actions", Object.entries(contributes.actions ?? {}).flatMap(describeAction)),
    ...section("Triggers", Object.entries(contributes.triggers ?? {}).flatMap(describeTrigger)),
    ...section("Entities", Object.entries(contributes.entities ?? {}).flatMap(describeEntity)),
    ...section("Events", eventTable(manifest)),
    ...section(
      "Hooks",
      table(
        ["hook", "order"],
        contributedHooks(manifest).map(({ name, order }) => [code(name), order ?? "normal"]),
      ),
    ),
  );
}

/** What a tenant agrees to, line by line. */
export function permissionTable(permissions: Manifest["permissions"]): string[] {
  const { added } = diffPermissions(undefined, permissions);
  return table(
    ["permission", "what", "why"],
    added.map(({ permission, value, reason }) => [permission, code(value), reason]),
  );
}

function section(title: string, blocks: string[]): string[] {
  return blocks.length > 0 ? [`## ${title}`, ...blocks] : [];
}

function describeAuth(auth: NonNullable<Manifest["auth"]>[number]): string[] {
  if (auth.type === "apiKey") return ["API key", `${auth.in} ${code(auth.name)}`];
  if (auth.type === "oauth2")
    return ["OAuth 2", `${auth.grant.replaceAll("_", " ")}, ${code(auth.tokenUrl)}`];
  return [auth.type, `header ${code("Authorization")}`];
}

function describeAction([name, action]: [string, ActionContribution]): string[] {
  return [
    ...head(name, action),
    ...part("Input", fieldsOf(action.input)),
    ...part("Output", fieldsOf(action.output)),
  ];
}

function describeTrigger([name, trigger]: [string, TriggerContribution]): string[] {
  const settings = trigger.kind === "webhook" ? [] : part("Settings", fieldsOf(trigger.config));
  return [...head(name, trigger), firesOf(trigger), ...settings, ...part("Output", fieldsOf(trigger.output))];
}

function firesOf(trigger: TriggerContribution): string {
  if (trigger.kind === "webhook") return `Fires on ${trigger.events.map(code).join(", ")}.`;
  if (trigger.kind === "stream") return "Listens on a WebSocket of the vendor's.";
  return `Asks every ${trigger.intervalSeconds ?? 300} seconds.`;
}

function describeEntity([name, entity]: [string, EntityContribution]): string[] {
  const { key, updatedAt, operations, batch } = entity;
  const changed = updatedAt === undefined ? "" : ` Last changed: ${code(updatedAt)}.`;
  return [
    ...head(name, entity),
    `Key: ${code(key)}.${changed} Operations: ${operations.map(code).join(", ")}.`,
    ...(batch ? [`In one request: ${batch.operations.map(code).join(", ")}, ${batch.most} at most.`] : []),
    ...part("Record", fieldsOf(entity.schema)),
    ...part("To write", fieldsOf(entity.input)),
    ...part("To list by", fieldsOf(entity.filter)),
  ];
}

function head(name: string, { title, description }: { title: string; description?: string }): string[] {
  return [`### ${code(name)}`, description === undefined ? title : `${title}. ${description}`];
}

function part(title: string, blocks: string[]): string[] {
  return blocks.length > 0 ? [`${title}:`, ...blocks] : [];
}

function eventTable({ permissions }: Manifest): string[] {
  const { publish = [], subscribe = [], reason = "" } = permissions.events ?? {};
  return table(
    ["type", "direction", "why"],
    [
      ...publish.map((type) => [code(type), "told", reason]),
      ...subscribe.map((type) => [code(type), "heard", reason]),
    ],
  );
}

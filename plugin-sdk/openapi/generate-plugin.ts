import {
  type AuthDeclaration,
  checkManifest,
  type Json,
  type Manifest,
  manifestSchemaUrl,
} from "../manifest/index.ts";
import { DescriptionError } from "./description-error.ts";
import { type EntityModel, findEntities } from "./model/entities.ts";
import { listOperations } from "./model/operations.ts";
import { networkPermissions } from "./model/permissions.ts";
import { type ReadAction, readActions } from "./model/read-actions.ts";
import { readAuth } from "./model/security.ts";
import { type Selection, selectOperations } from "./model/select.ts";
import { readServer, type Server } from "./model/servers.ts";
import { testRequestOf } from "./model/test-request.ts";
import { createNotes, type Note } from "./notes.ts";
import { printJson } from "./print/json.ts";
import { type ProjectFile, projectFiles } from "./print/project.ts";
import { readmeFile } from "./print/readme.ts";
import { createResolver } from "./resolve.ts";
import { createSchemas, type Limits, sizeOf } from "./schema/index.ts";
import { plainText } from "./text.ts";
import { type Fields, fieldsAt, textAt } from "./value.ts";

export interface GenerateOptions {
  /** `publisher/name` */
  id: string;
  displayName: string;
  selection?: Selection;
  /** More operations than this are refused. Default 250; at most 1,000, which is what a manifest may have. */
  maxActions?: number | undefined;
  /** The API's URL, where the description has none or another one is meant. */
  server?: string | undefined;
  /** How to authenticate, where the description does not say, or says otherwise. */
  auth?: AuthDeclaration | undefined;
}

/** A plugin's project, made of a description. Nothing is written: the files are the caller's to keep. */
export interface GeneratedPlugin {
  files: ProjectFile[];
  /** As in plugin.json: without `contributes`, which the build adds. */
  manifest: Manifest;
  /** Names, in the order of the description. */
  actions: string[];
  entities: string[];
  /** What of the chosen operations the plugin does not have, or has in a simpler form. */
  notes: Note[];
}

/** Of a manifest's 50,000 values: some room is left for what the author adds. */
const maxValues = 40_000;
const maxDepth = 44;

/**
 * Makes a plugin of an OpenAPI description, as far as the description is one that plugins can follow; what is not is in
 * `notes`. The same description and options make the same files. Text of the description ends up in texts and comments
 * alone.
 *
 * @throws {DescriptionError} when no plugin can be made, with what to do
 */
export function generatePlugin(document: Fields, options: GenerateOptions): GeneratedPlugin {
  // What one action may take is shared out: where there are many, each says less of what it answers.
  for (let [input, output] = [900, 500]; ; [input, output] = lessOf(input, output)) {
    const model = readModel(document, options, {
      input: { values: input, depth: maxDepth },
      output: { values: output, depth: maxDepth },
    });
    if (valuesOf(model) <= maxValues || input <= 15) return write(document, options, model);
  }
}

/** Answers first: what goes in is what people have to get right. */
function lessOf(input: number, output: number): [number, number] {
  return output > 60
    ? [input, Math.floor(output / 2)]
    : [Math.floor(input / 2), Math.max(8, Math.floor(output / 2))];
}

/** All that the description says of the plugin. */
interface Model {
  actions: ReadAction[];
  entities: EntityModel[];
  server: Server;
  auth: AuthDeclaration[];
  notes: Note[];
}

function readModel(document: Fields, options: GenerateOptions, limits: Limits): Model {
  const notes = createNotes();
  const resolve = createResolver(document);
  const schemas = createSchemas(document, { notes, limits });
  const operations = selectOperations(
    listOperations(document, resolve),
    options.selection ?? {},
    options.maxActions,
  );
  const server = readServer(document, "", { notes, override: options.server });
  const actions = readActions(operations, server, { notes, resolve, schemas });
  if (actions.length === 0)
    throw new DescriptionError(
      "operations-not-found",
      "None of these operations can be an action:",
      reasons(notes.list()),
    );
  const entities = findEntities(actions, notes);
  const used = actions.map(({ operation }) => operation);
  const baseUrl = server.url.every((part) => typeof part === "string") ? server.url.join("") : "";
  const auth = options.auth ? [options.auth] : readAuth(document, used, { notes, resolve, baseUrl });
  return { actions, entities, server, auth, notes: notes.list() };
}

function write(document: Fields, { id, displayName }: GenerateOptions, model: Model): GeneratedPlugin {
  const { actions, entities, server, notes } = model;
  const source = titleOf(document);
  const manifest = checked(manifestOf({ id, displayName, source }, model));
  return {
    manifest,
    actions: actions.map(({ name }) => name),
    entities: entities.map(({ name }) => name),
    notes,
    files: [
      { path: "plugin.json", content: `${printJson(manifest)}\n` },
      ...projectFiles(actions, entities, server),
      { path: "README.md", content: readmeFile({ displayName, source, actions, entities, notes }) },
    ],
  };
}

function valuesOf({ actions, entities }: Model): number {
  const shapes = [
    ...actions.flatMap(({ input, output }) => [input, output]),
    ...entities.flatMap(({ record, input, filter }) =>
      [record, input, filter].filter((shape) => shape !== undefined),
    ),
  ];
  return (
    shapes.reduce((sum, shape) => sum + sizeOf(shape).values, 0) + (actions.length + entities.length) * 6
  );
}

function titleOf(document: Fields): string {
  return plainText(textAt(fieldsAt(document, "info"), "title"), 80) ?? "an API without a name";
}

function manifestOf(
  about: { id: string; displayName: string; source: string },
  { actions, server, auth }: Model,
): Manifest {
  const test = testRequestOf(actions, server);
  const isBinary = actions.some(
    ({ answer, body }) => answer === "bytes" || body?.kind === "bytes" || body?.kind === "multipart",
  );
  const settings = Object.fromEntries(server.settings) as { [name: string]: Json };
  const config = {
    type: "object",
    properties: settings,
    required: Object.keys(settings),
    additionalProperties: false,
  };
  return {
    $schema: manifestSchemaUrl,
    id: about.id,
    version: "0.1.0",
    displayName: about.displayName,
    description: `Actions of ${about.source}.`,
    categories: [],
    keywords: [],
    license: "MIT",
    engines: { plugboard: "^1.0.0" },
    main: "dist/plugin.js",
    permissions: {
      network: networkPermissions(actions, server, auth),
      ...(isBinary && { binary: { reason: "Send and receive files" } }),
    },
    ...(auth.length > 0 && {
      auth: auth.map((one) => (test === undefined ? one : { ...one, test: { request: test } })),
    }),
    ...(server.settings.size > 0 && { connection: { config } }),
    pricing: { model: "free" },
  };
}

/** The rules for manifests are the last word on hosts, names and paths of the description. */
function checked(value: Manifest): Manifest {
  const { manifest, problems } = checkManifest(value);
  if (manifest) return manifest;
  throw new DescriptionError(
    "description-server-unknown",
    "What the description says of the API does not fit plugin.json. Name its server with --server, or leave out what is wrong:",
    problems.map(({ pointer, message }) => `${pointer}: ${message}`),
  );
}

const reasons = (notes: Note[]): string[] =>
  [...new Set(notes.map(({ pointer, reason }) => `${pointer}: ${reason}`))].slice(0, 20);

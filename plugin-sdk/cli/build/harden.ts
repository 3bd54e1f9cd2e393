import { SourceMap, type SourceMapPayload } from "node:module";
import babelGenerator from "@babel/generator";
import { type ParseError, parse } from "@babel/parser";
import babelTraverse from "@babel/traverse";
import type { Permissions } from "../../manifest/index.ts";
import { CliFailure, type FailureProblem } from "../failure.ts";
import type { Bundle } from "./bundle.ts";
import { createDefinition, findUnknownErrorCodes } from "./definition.ts";
import { disguise } from "./disguise.ts";
import { findFrozen } from "./frozen.ts";
import { type Reports, type Suspect, toProblem } from "./suspects.ts";
import { findUngranted } from "./ungranted.ts";

// Both are CommonJS with a default export, which an ES module finds one level deeper.
const { default: traverse, visitors } = babelTraverse;
const { default: generate } = babelGenerator;

/** Code that the sandbox takes, and what in it may still fail when it runs. */
export interface HardCode {
  code: string;
  /** Source map, JSON, back to the files that the author wrote; its paths are relative to the plugin's directory. */
  map: string;
  /** What no host can make good, with file and line. */
  problems: FailureProblem[];
  suspects: Suspect[];
  /** Where a place in the code comes from. Line and column count from 1. */
  originOf(line: number, column: number): Place;
  /** Where what a path into `contributes` says is written, as near as can be told. */
  placeOfOffer(path: readonly string[]): Place;
}

export type Place = Pick<FailureProblem, "file" | "line" | "column">;

/**
 * What SES (ses/src/transforms.js) and the sandbox refuse to evaluate by the text alone, and what an author can do
 * about it.
 */
const refused: { pattern: RegExp; what: string; instead: string }[] = [
  {
    pattern: /<!-{2}|-{2}>/g,
    what: "looks like an HTML comment",
    instead: 'Write it in two pieces ("<!" + "--")',
  },
  {
    pattern: /(?<=^|[^.]|\.\.\.)\bimport(?=\s*(?:\(|\/[/*]))/g,
    what: "looks like a dynamic import",
    instead:
      "Import at the top of the file, or name the file as a plain string: a plugin is one script and cannot load more code",
  },
  {
    pattern: /\bimport\s*\.\s*(?:source|defer)\b/g,
    what: "imports in a way that a plugin cannot",
    instead: "Import at the top of the file",
  },
  {
    pattern: /(?<=^|[^.])\beval(?=\s*\()/g,
    what: "looks like eval",
    instead: "Plugins cannot make code from text",
  },
];

/**
 * Rewrites what SES would refuse although it means no harm (text that looks like an import or an HTML comment),
 * without a change of meaning, and drops comments: they name files by where they lie on the author's disk.
 * Not with @endo/evasive-transform, which breaks look-behinds and keys of objects, and knows no eval in strings.
 *
 * @throws {CliFailure} with file and line of what is left and would be refused
 */
export function harden(bundle: Bundle, permissions: Permissions): HardCode {
  // In a compartment all code is strict, also that of packages which were not written for it.
  const ast = parse(bundle.code, {
    sourceType: "script",
    strictMode: true,
    errorRecovery: true,
    createParenthesizedExpressions: true,
    sourceFilename: sourceFile,
  });
  const origins = new SourceMap(JSON.parse(bundle.map));
  refuse((ast.errors ?? []).map((error) => toSyntaxProblem(error, origins)));

  const suspects: Suspect[] = [];
  const problems: FailureProblem[] = [];
  const reportsTo =
    (list: FailureProblem[]): Reports =>
    (code) =>
    (node, message) => {
      if (node.loc) list.push({ code, message, ...toProblem(origins, node.loc.start) });
    };
  const suspect = reportsTo(suspects);
  const definition = createDefinition(reportsTo(problems)("name-twice"));
  const visitor = [
    disguise,
    definition.visitor,
    findFrozen(suspect),
    findUngranted(permissions, suspect("permission-missing")),
    findUnknownErrorCodes(reportsTo(problems)("error-code-unknown")),
  ];
  traverse(ast, visitors.merge(visitor));
  const { code, map } = generate(ast, {
    comments: false,
    retainLines: true,
    sourceMaps: true,
    sourceFileName: sourceFile,
    ...{ inputSourceMap: JSON.parse(bundle.map) }, // which its types do not know
  });
  const toSources = new SourceMap(map as SourceMapPayload);
  const originOf = (line: number, column: number) => toProblem(toSources, { line, column: column - 1 });
  refuse(findRefused(code, originOf));
  return {
    code,
    map: JSON.stringify(map),
    problems,
    suspects,
    originOf,
    placeOfOffer(path) {
      const start = definition.find(path)?.loc?.start;
      return start ? toProblem(origins, start) : {};
    },
  };
}

const sourceFile = "plugin.js";

function refuse(problems: FailureProblem[]): void {
  if (problems.length > 0)
    throw new CliFailure("code-refused", "The sandbox would refuse to run this code.", { problems });
}

/** esbuild has read it before, so what is wrong is wrong in strict mode alone. */
function toSyntaxProblem(error: ParseError & { message?: string; loc?: ParsedPlace }, origins: SourceMap) {
  const message = String(error.message ?? error.reasonCode).replace(/ \(\d+:\d+\)$/, "");
  return {
    code: "strict-mode",
    ...(error.loc ? toProblem(origins, error.loc) : { file: "dist/plugin.js" }),
    message: `${message} In the sandbox all code is strict: change it, or take another package.`,
  };
}

interface ParsedPlace {
  line: number;
  column: number;
}

function findRefused(code: string, originOf: HardCode["originOf"]): FailureProblem[] {
  return refused.flatMap(({ pattern, what, instead }) =>
    [...code.matchAll(pattern)].map((match) => {
      const before = code.slice(0, match.index).split("\n");
      return {
        code: "code-refused",
        ...originOf(before.length, (before.at(-1)?.length ?? 0) + 1),
        message: `"${match[0]}" ${what}, which the sandbox refuses. ${instead}.`,
      };
    }),
  );
}

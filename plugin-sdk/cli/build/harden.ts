import { SourceMap, type SourceMapPayload } from "node:module";
import { evadeCensorSync } from "@endo/evasive-transform";
import { CliFailure, type FailureProblem } from "../failure.ts";
import type { Bundle } from "./bundle.ts";

/**
 * What SES refuses to evaluate by the text alone (ses/src/transforms.js), and what an author can do about it.
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
    instead: "Import at the top of the file: a plugin is one script and cannot load more code",
  },
  {
    pattern: /(?<=^|[^.])\beval(?=\s*\()/g,
    what: "looks like eval",
    instead: "Plugins cannot make code from text",
  },
];

/**
 * Rewrites what SES would refuse although it means no harm (text that looks like an import or an HTML comment),
 * without a change of meaning, and drops comments.
 *
 * @throws {CliFailure} with file and line of what is left and would be refused
 */
export function harden(bundle: Bundle): string {
  const { code, map } = evadeCensorSync(bundle.code, {
    sourceType: "script",
    sourceUrl: "plugin.js",
    sourceMap: bundle.map,
    customVisitor: dropComments,
  });
  const problems = findRefused(code, new SourceMap(map as SourceMapPayload));
  if (problems.length > 0)
    throw new CliFailure("code-refused", "The sandbox would refuse to run this code.", { problems });
  return code;
}

/** Comments name files by where they lie on the author's disk: without them, the same source gives the same bytes. */
function dropComments({ node }: { node: object }): void {
  Object.assign(node, { leadingComments: null, innerComments: null, trailingComments: null });
}

function findRefused(code: string, map: SourceMap): FailureProblem[] {
  return refused.flatMap(({ pattern, what, instead }) =>
    [...code.matchAll(pattern)].map((match) => {
      const before = code.slice(0, match.index).split("\n");
      const origin = map.findOrigin(before.length, (before.at(-1)?.length ?? 0) + 1);
      return {
        ...("fileName" in origin
          ? { file: origin.fileName, line: origin.lineNumber, column: origin.columnNumber }
          : { file: "dist/plugin.js", line: before.length }),
        message: `"${match[0]}" ${what}, which the sandbox refuses. ${instead}.`,
      };
    }),
  );
}

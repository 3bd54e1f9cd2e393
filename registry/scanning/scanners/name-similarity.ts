import { hasMixedScripts, likeness, looksLike } from "../names/index.ts";
import type { Finding, ScannedPackage, Scanner } from "../scanner.ts";

/** Names that others could want to be taken for: of verified publishers, and of plugins that many have installed. */
export interface ProtectedName {
  /** `publisher/name` */
  plugin: string;
  publisher: string;
  displayName: string;
}

export interface NameRegister {
  listProtected(): Promise<ProtectedName[]>;
  /** What it is shown as, if a version of it is published: then these names were looked at before. */
  findDisplayName(plugin: string): Promise<string | undefined>;
}

const shownMost = 5;

/**
 * The name is not one that a reader takes for a better-known one. A likeness is no proof, so the operator decides; what
 * was let through once, names of one's own, and those of verified publishers are not looked at. A display name is looked
 * at again when it changes.
 */
export function createNameSimilarity(register: NameRegister): Scanner {
  return {
    name: "name-similarity",
    version: "2",
    deadlineMs: 20_000,
    async scan(pkg) {
      const { id, displayName } = pkg.content.manifest;
      const shown = await register.findDisplayName(id);
      if (pkg.publisher.verified || shown === displayName) {
        return { verdict: "pass", problems: [], report: { skipped: "the name is known" } };
      }
      const known = (await register.listProtected()).filter(
        ({ publisher }) => publisher !== pkg.publisher.name,
      );
      const ids = shown === undefined ? likeNames(pkg, known) : [];
      const problems = [...ids, ...likeDisplayName(pkg, known)].slice(0, shownMost);
      return {
        verdict: problems.length > 0 ? "suspicious" : "pass",
        problems,
        report: { compared: known.length },
      };
    },
  };
}

function likeNames({ content: { manifest } }: ScannedPackage, known: ProtectedName[]): Finding[] {
  const [publisher = "", name = ""] = manifest.id.split("/");
  const pointer = "/id";
  const namespaces = new Map(known.map((one) => [one.publisher, likeness(publisher, one.publisher)]));
  const names = new Map(known.map(({ plugin }) => [plugin, likeness(name, nameOf(plugin))]));
  // The very name of another is no lookalike, in a namespace that everyone can read; then what is near to it does not count.
  if (known.some(({ plugin }) => nameOf(plugin) === name)) names.clear();
  const said = [
    ...[...namespaces].map(([of, how]) => how && `Beside the publisher "${of}", "${publisher}" ${how}.`),
    ...[...names].map(([of, how]) => how && `Beside "${of}", "${name}" ${how}.`),
  ];
  const instead = "Choose a name that nobody mistakes for it, or wait for the registry's operator to decide.";
  return said.flatMap((how): Finding[] =>
    how ? [{ code: "name-similar", pointer, message: `${how} ${instead}` }] : [],
  );
}

function likeDisplayName({ content: { manifest } }: ScannedPackage, known: ProtectedName[]): Finding[] {
  const { displayName } = manifest;
  const pointer = "/displayName";
  if (hasMixedScripts(displayName)) {
    const message = "The name mixes letters of scripts that look alike. Write it in one script.";
    return [{ code: "name-mixed-scripts", pointer, message }];
  }
  const same = known.find((one) => looksLike(displayName, one.displayName));
  if (!same) return [];
  const message = `"${displayName}" looks like the name of "${same.plugin}". Choose another, or wait for the registry's operator to decide.`;
  return [{ code: "name-similar", pointer, message }];
}

function nameOf(plugin: string): string {
  return plugin.slice(plugin.indexOf("/") + 1);
}

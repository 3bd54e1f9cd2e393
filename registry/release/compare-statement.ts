import { isDeepStrictEqual } from "node:util";
import type { Problem } from "@plugboard/plugin-sdk/manifest";
import type { PublisherStatement } from "@plugboard/plugin-sdk/trust";

/**
 * Where a signed statement and the one that the tarball itself gives rise to differ. Every member counts, in both
 * directions: a statement may say neither less nor more.
 *
 * @param signed what the publisher signed
 * @param actual what the tarball is
 * @returns one problem per member that differs, none if they are equal
 */
export function compareStatement(signed: PublisherStatement, actual: PublisherStatement): Problem[] {
  const said = new Map<string, unknown>(Object.entries(signed));
  const found = new Map<string, unknown>(Object.entries(actual));
  return [...new Set([...said.keys(), ...found.keys()])]
    .filter((member) => !isDeepStrictEqual(said.get(member), found.get(member)))
    .map((member) => ({
      code: "statement-mismatch",
      pointer: `/${member.replaceAll("~", "~0").replaceAll("/", "~1")}`,
      message: `The statement says ${shown(said.get(member))}, the tarball ${shown(found.get(member))}.`,
    }));
}

function shown(value: unknown): string {
  if (value === undefined) return "nothing";
  if (Array.isArray(value)) return `a list of ${value.length}`;
  return typeof value === "object" ? "another object" : JSON.stringify(value).slice(0, 200);
}

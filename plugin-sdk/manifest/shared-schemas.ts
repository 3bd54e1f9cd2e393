import { pointerTo } from "./pointer.ts";
import type { Json, Problem } from "./types.ts";

/** Where plugin.json keeps schemas that stand in several places of `contributes`. */
const place = "#/contributes/$defs/";

/** As a manifest is bounded that has all written out: in package/limits.ts, and in plain-json.ts. */
const maxCharacters = 2 * 1024 * 1024;
const maxValues = 50_000;
const maxDepth = 64;

/** The reference to a schema that is kept under a name. */
export const sharedReference = (name: string): { $ref: string } => ({ $ref: `${place}${name}` });

type Fields = { [name: string]: Json };

/**
 * Writes out a manifest whose build has put schemas that stand in several places under `contributes.$defs`: wherever
 * `contributes` says `{"$ref": "#/contributes/$defs/…"}`, the schema of that name stands. It is one and the same object in
 * all places, so that a manifest is no larger in memory than in its file; but it counts as what is written out, and no more
 * of that is allowed than of a manifest without. A manifest that keeps none is answered as it is.
 *
 * @param manifest plain JSON, of whatever shape
 */
export function writeOutShared(manifest: Json): { value: Json; problems: Problem[] } {
  const contributes = isFields(manifest) ? manifest.contributes : undefined;
  const shared = isFields(contributes) ? contributes.$defs : undefined;
  // What has another shape is told by the manifest's schema.
  if (!isFields(manifest) || !isFields(contributes) || !isFields(shared))
    return { value: manifest, problems: [] };
  const { $defs: _, ...rest } = contributes;
  const problems: Problem[] = [];
  const known = new Map<string, Written>();
  const following: string[] = [];
  let isTooDeep = false;

  function refuse(name: string, message: string): Written {
    problems.push({ code: "schema-refused", pointer: pointerTo("contributes", "$defs", name), message });
    return { value: {}, values: 1, characters: 2, depth: 1 };
  }

  function named(name: string, level: number): Written {
    const before = known.get(name);
    if (before) return before;
    const schema = Object.hasOwn(shared as Fields, name) ? (shared as Fields)[name] : undefined;
    let written: Written;
    if (!isFields(schema)) written = refuse(name, "There is no schema of this name; build the plugin anew.");
    else if (following.includes(name)) return refuse(name, "This schema refers to itself.");
    else {
      following.push(name);
      written = writeOut(schema, level + 1);
      following.pop();
    }
    known.set(name, written);
    return written;
  }

  function writeOut(value: Json, level: number): Written {
    // Not after all is written out: what is followed that far would take more stack than there is.
    isTooDeep ||= level > maxDepth;
    if (isTooDeep) return { value: null, values: 1, characters: 4, depth: 1 };
    if (typeof value !== "object" || value === null)
      return { value, values: 1, characters: String(value).length + 2, depth: 1 };
    const name = referenceIn(value);
    if (name !== undefined) return named(name, level);
    const members = Object.entries(value).map(([key, member]) => [key, writeOut(member, level + 1)] as const);
    const copy = Array.isArray(value)
      ? members.map(([, member]) => member.value)
      : Object.fromEntries(members.map(([key, member]) => [key, member.value]));
    return {
      value: copy,
      values: members.reduce((sum, [, member]) => sum + member.values, 1),
      characters: members.reduce((sum, [key, member]) => sum + key.length + 3 + member.characters, 2),
      depth: members.reduce((most, [, member]) => Math.max(most, member.depth), 0) + 1,
    };
  }

  const { value, values, characters, depth } = writeOut(rest, 1);
  const isTooMuch = values > maxValues || characters > maxCharacters || depth > maxDepth;
  if (problems.length === 0 && (isTooMuch || isTooDeep)) {
    const message = `Written out, this has more than ${maxValues} values or ${maxCharacters} characters, or is nested deeper than ${maxDepth} levels; make it smaller.`;
    problems.push({ code: "too-large", pointer: "/contributes", message });
  }
  return problems.length > 0
    ? { value: { ...manifest, contributes: {} }, problems }
    : { value: { ...manifest, contributes: value }, problems };
}

/** A value with its schemas written out, and what that comes to. */
interface Written {
  value: Json;
  values: number;
  characters: number;
  depth: number;
}

/** The name of the schema that stands here; undefined where the value is no such reference. */
function referenceIn(value: Json[] | Fields): string | undefined {
  if (Array.isArray(value) || Object.keys(value).length !== 1) return undefined;
  const { $ref } = value;
  return typeof $ref === "string" && $ref.startsWith(place) ? $ref.slice(place.length) : undefined;
}

function isFields(value: Json | undefined): value is Fields {
  return typeof value === "object" && value !== null && !Array.isArray(value);
}

import { type Contributes, type Manifest, schemasUnder, sharedReference } from "../../manifest/index.ts";

/** What takes less room than this, as JSON, is not worth a name. */
const leastLength = 100;

/** Where a value stands: what is there is a schema, or has schemas in it, or is neither. */
type Position = "schema" | "list" | "names" | "data";

/** A value of the manifest. Equal ones in equal positions are one. */
interface Piece {
  value: unknown;
  position: Position;
  length: number;
  members: [key: string, piece: Piece][];
  /** In how many others it stands; one that is itself there twice counts once. */
  places: number;
}

/**
 * A built manifest as its file has it: each schema that stands in several places of `contributes` is written once, under
 * `contributes.$defs`, and referred to. The same manifest gives the same text, and reading that gives the same manifest.
 */
export function shareSchemas(manifest: Manifest): object {
  const { contributes } = manifest;
  // What a reader would take for a reference of ours stays as it is.
  if (!contributes || JSON.stringify(contributes).includes(sharedReference("").$ref)) return manifest;
  const pieces = readPieces(contributes);
  const names = new Map<Piece, string>();
  const $defs: { [name: string]: unknown } = {};

  function write(piece: Piece): unknown {
    const isShared = piece.position === "schema" && piece.places > 1 && piece.length >= leastLength;
    return isShared ? refer(piece) : writeOut(piece);
  }

  function writeOut({ value, members }: Piece): unknown {
    if (typeof value !== "object" || value === null) return value;
    const written = members.map(([key, member]) => [key, write(member)] as const);
    return Array.isArray(value) ? written.map(([, member]) => member) : Object.fromEntries(written);
  }

  function refer(piece: Piece): object {
    const known = names.get(piece);
    if (known !== undefined) return sharedReference(known);
    const name = `s${names.size + 1}`;
    names.set(piece, name);
    // The names stand in their order, though what is in this schema is written first.
    $defs[name] = undefined;
    $defs[name] = writeOut(piece);
    return sharedReference(name);
  }

  const written = writeOut(pieces) as Contributes;
  return names.size === 0 ? manifest : { ...manifest, contributes: { $defs, ...written } };
}

/** Members of offers that are schemas. */
const offered = ["input", "output", "schema", "filter", "config"];

/** All of `contributes`, down to the offers as it is. */
function readPieces(contributes: Contributes): Piece {
  const known = new Map<string, Piece>();

  function read(value: unknown, position: Position): Piece {
    const text = JSON.stringify(value);
    const key = `${position} ${text}`;
    const before = known.get(key);
    if (before) return before;
    const members =
      typeof value === "object" && value !== null
        ? Object.entries(value).map(([name, member]): [string, Piece] => [
            name,
            read(member, below(position, name)),
          ])
        : [];
    const piece = within(value, position, text.length, members);
    known.set(key, piece);
    return piece;
  }

  const readOffer = (offer: object) =>
    within(
      offer,
      "data",
      0,
      Object.entries(offer).map(([member, value]) => [
        member,
        read(value, offered.includes(member) ? "schema" : "data"),
      ]),
    );
  const kinds = Object.entries(contributes).map(([kind, offers]): [string, Piece] => {
    if (!["actions", "triggers", "entities"].includes(kind)) return [kind, read(offers, "data")];
    const named = Object.entries(offers as object).map(([name, offer]): [string, Piece] => [
      name,
      readOffer(offer as object),
    ]);
    return [kind, within(offers, "data", 0, named)];
  });
  return within(contributes, "data", 0, kinds);
}

function within(value: unknown, position: Position, length: number, members: Piece["members"]): Piece {
  for (const [, member] of members) member.places += 1;
  return { value, position, length, members, places: 0 };
}

function below(position: Position, name: string): Position {
  if (position === "list" || position === "names") return "schema";
  const under = position === "schema" ? schemasUnder(name) : undefined;
  return under === "one" ? "schema" : (under ?? "data");
}

/** Something of the description that the plugin does not have, or has in a simpler form. */
export interface Note {
  /**
   * - `left-out`: the plugin does not have it;
   * - `simplified`: it has it, and knows less about it than the description says;
   * - `decide`: it has what is likely meant; look at it.
   */
  kind: "left-out" | "simplified" | "decide";
  /** RFC 6901, into the description. */
  pointer: string;
  /** What was found, and what became of it: one sentence. */
  reason: string;
}

export interface Notes {
  add(kind: Note["kind"], pointer: string, reason: string): void;
  /** In the order in which they were made, each once. */
  list(): Note[];
}

/** More than anybody reads; what an attack on the report would fill. No reason takes the room of the others. */
const maxNotes = 5_000;
const maxPlaces = 500;

export function createNotes(): Notes {
  const found = new Map<string, Note>();
  const places = new Map<string, number>();
  return {
    add(kind, pointer, reason) {
      const key = `${pointer}\n${reason}`;
      const count = places.get(reason) ?? 0;
      if (found.has(key) || found.size >= maxNotes || count >= maxPlaces) return;
      places.set(reason, count + 1);
      found.set(key, { kind, pointer, reason });
    },
    list: () => [...found.values()],
  };
}

/** Notes of the same kind and reason together, those of the most places first within their kind. */
export function groupNotes(notes: Note[]): { kind: Note["kind"]; reason: string; pointers: string[] }[] {
  const groups = new Map<string, { kind: Note["kind"]; reason: string; pointers: string[] }>();
  for (const { kind, pointer, reason } of notes) {
    const group = groups.get(`${kind}\n${reason}`);
    if (group) group.pointers.push(pointer);
    else groups.set(`${kind}\n${reason}`, { kind, reason, pointers: [pointer] });
  }
  const order = ["decide", "left-out", "simplified"];
  return [...groups.values()].sort(
    (a, b) => order.indexOf(a.kind) - order.indexOf(b.kind) || b.pointers.length - a.pointers.length,
  );
}

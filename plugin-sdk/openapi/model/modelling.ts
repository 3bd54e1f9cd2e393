import type { Notes } from "../notes.ts";
import type { Resolve } from "../resolve.ts";
import type { Schemas } from "../schema/index.ts";

/** What every part of an operation is read with. */
export interface Modelling {
  notes: Notes;
  resolve: Resolve;
  schemas: Schemas;
}

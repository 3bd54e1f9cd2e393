import type { Manifest, Problem } from "../types.ts";

/** One thing that a JSON Schema cannot say about a manifest. */
export interface Rule {
  /** The top-level fields it reads; it runs only when their shape is right. */
  needs: (keyof Manifest)[];
  check(manifest: Manifest): Problem[];
}

export function defineRule<Field extends keyof Manifest>(rule: {
  needs: Field[];
  check(manifest: Pick<Manifest, Field>): Problem[];
}): Rule {
  return rule;
}

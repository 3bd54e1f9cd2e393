import { Type } from "typebox";
import type { Revocations } from "./plugin-record.ts";

const sha256 = Type.String({ pattern: "^[0-9a-f]{64}$" });

/** What became of one thing in the list of revocations, or is with it now. */
export const RevocationChange = Type.Union([
  Type.Object({
    kind: Type.Literal("version"),
    plugin: Type.String(),
    version: Type.String(),
    block: Type.Union([Type.Object({ reason: Type.String(), seq: Type.Integer() }), Type.Null()], {
      description: "Null: hosts may run it again.",
    }),
  }),
  Type.Object({
    kind: Type.Literal("package"),
    digest: Type.String({ ...sha256, description: "Of a version of a private plugin, as in `withheld`." }),
    isWithheld: Type.Boolean(),
  }),
  Type.Object({
    kind: Type.Literal("key"),
    publisher: Type.String(),
    kid: Type.String(),
    until: Type.Union([Type.Integer(), Type.Null()], { description: "Null: it is not revoked any more." }),
  }),
]);
export type RevocationChange = Type.Static<typeof RevocationChange>;

/** The list after these changes, in the order that a checkpoint's digest is over. */
export function changeRevocations(list: Revocations, changes: readonly RevocationChange[]): Revocations {
  const blocked = new Map(list.blocked.map((one) => [`${one.plugin} ${one.version}`, one]));
  const withheld = new Set(list.withheld ?? []);
  const keys = new Map(list.keys.map((one) => [`${one.publisher} ${one.kid}`, one]));
  for (const change of changes) {
    if (change.kind === "version") {
      const { plugin, version, block } = change;
      if (block)
        blocked.set(`${plugin} ${version}`, { plugin, version, reason: block.reason, seq: block.seq });
      else blocked.delete(`${plugin} ${version}`);
    } else if (change.kind === "package") {
      if (change.isWithheld) withheld.add(change.digest);
      else withheld.delete(change.digest);
    } else {
      const { publisher, kid, until } = change;
      if (until === null) keys.delete(`${publisher} ${kid}`);
      else keys.set(`${publisher} ${kid}`, { publisher, kid, until });
    }
  }
  return {
    blocked: [...blocked.values()].sort((a, b) => order(a.plugin, b.plugin) || order(a.version, b.version)),
    ...(withheld.size > 0 && { withheld: [...withheld].sort() }),
    keys: [...keys.values()].sort((a, b) => order(a.publisher, b.publisher) || order(a.kid, b.kid)),
  };
}

/** By their bytes: all of it is ASCII. */
function order(a: string, b: string): number {
  return a < b ? -1 : Number(a > b);
}

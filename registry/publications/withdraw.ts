import { registryError } from "../errors.ts";
import type { RegistryDatabase } from "../tables.ts";
import * as queries from "./queries.ts";

/** Ends a publication that is under way or in quarantine as rejected, at the wish of whoever sent it in. */
export async function withdraw(
  db: RegistryDatabase,
  id: string,
  by: { name: string; reason: string; at: Date },
): Promise<void> {
  await db.transaction().execute(async (transaction) => {
    const isOpen =
      (await queries.lockOpen(transaction, id)) ?? (await queries.lockQuarantined(transaction, id));
    if (!isOpen) throw registryError("publication-not-open", `The publication ${id} has ended.`);
    const message = "It was taken back. The same version can be published again.";
    await queries.finishPublication(transaction, id, {
      status: "rejected",
      problems: JSON.stringify([{ code: "withdrawn", pointer: "", message }]),
      decision: JSON.stringify({
        decision: "withdraw",
        reason: by.reason,
        by: by.name,
        at: by.at.toISOString(),
      }),
      finished_at: by.at,
    });
  });
}

import { type MasterKey, unwrapKey, wrapKey, wrappedPrefix } from "@plugboard/service-kit/crypto";
import type { RegistryDatabase } from "../tables.ts";
import * as queries from "./queries.ts";

/** Puts the registry's own keys, of which there are few, under the current master key: the earlier one can go then. */
export async function rewrapKeys({
  db,
  masterKey,
}: {
  db: RegistryDatabase;
  masterKey: MasterKey;
}): Promise<void> {
  const current = wrappedPrefix(masterKey);
  for (const table of ["signing_keys", "root_keys"] as const) {
    for (const { kid, wrapped_data_key: wrapped } of await queries.listWrappedKeys(db, table)) {
      // One that does not open stays as it is: whoever signs with it says what to do.
      const hasKey = masterKey.keys.has(wrapped.split(".")[1] ?? "");
      if (wrapped.startsWith(current) || !hasKey) continue;
      await queries.rewrapKey(db, table, kid, wrapped, wrapKey(masterKey, unwrapKey(masterKey, wrapped)));
    }
  }
}

/** Seals anew what is under earlier keys, in a process of its own that a test can kill. `URL MASTER_KEY` are its arguments. */
import { loadMasterKey, localKeyManagement } from "@plugboard/service-kit/crypto";
import { openDatabase } from "@plugboard/service-kit/database";
import { createLogger } from "@plugboard/service-kit/observe";
import { startChanges } from "../../kernel/changes/index.ts";
import { createDataKeys } from "../../kernel/vault/data-keys.ts";
import { createRotation } from "../../kernel/vault/rotation.ts";
import { createVault } from "../../kernel/vault/vault.ts";
import type { CoreDatabase } from "../../tables.ts";

const [, , databaseUrl = "", masterKey = ""] = process.argv;
const logger = createLogger({ name: "rotation", level: "warn" });
const database = await openDatabase({ databaseUrl, dataDir: "", logger });
const db = database.kysely<CoreDatabase>("core");
const changes = await startChanges({ database, logger });
const keys = localKeyManagement(await loadMasterKey({ masterKey, dataDir: "" }));
const vault = createVault({ dataKeys: createDataKeys({ db, changes, keys }) });
const rotation = createRotation({ db, changes, keys, vault });
process.stdout.write("begun\n");
await rotation.goOn(new AbortController().signal);
process.stdout.write("done\n");
await changes.stop();
await database.close();

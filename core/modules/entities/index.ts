import type { MasterKey } from "@plugboard/service-kit/crypto";
import type { Route } from "@plugboard/service-kit/http";
import type { Batches } from "../../kernel/batches/index.ts";
import type { Connections } from "../../kernel/connections/index.ts";
import type { Hooks } from "../../kernel/hooks/index.ts";
import type { Idempotency } from "../../kernel/idempotency/index.ts";
import type { Installs, PluginRunner } from "../../kernel/plugins/index.ts";
import { createBatchRoute } from "./batch-route.ts";
import { createBatchWriter } from "./batch-writer.ts";
import { createChangesRoute } from "./changes-route.ts";
import { createCursors } from "./cursor.ts";
import { createEntities } from "./entities.ts";
import { createEntityReadRoutes } from "./read-routes.ts";
import { createEntityWriteRoutes } from "./write-routes.ts";

/** The records of connections over HTTP. */
export function createEntityRoutes(kernel: {
  connections: Pick<Connections, "use">;
  installs: Pick<Installs, "get" | "manifest">;
  runner: Pick<PluginRunner, "runEntity" | "offers" | "admit">;
  hooks: Hooks;
  batches: Batches;
  idempotency: Idempotency;
  masterKey: MasterKey;
}): Route[] {
  const { idempotency, masterKey, batches, ...rest } = kernel;
  const entities = createEntities(rest);
  const write = createBatchWriter({ ...rest, entities, batches });
  const cursors = createCursors(masterKey);
  return [
    createChangesRoute({ entities, cursors }), // Before the record that is read by its key.
    ...createEntityReadRoutes({ entities, cursors }),
    ...createEntityWriteRoutes({ entities, idempotency }),
    createBatchRoute({ entities, write, batches, idempotency }),
  ];
}

import type { EntityContribution, EntityOperation } from "@plugboard/plugin-sdk/manifest";
import type { Json } from "@plugboard/sandbox";
import { newId } from "@plugboard/service-kit/crypto";
import { coreError } from "../../errors.ts";
import type { Connections } from "../../kernel/connections/index.ts";
import type { Hooks } from "../../kernel/hooks/index.ts";
import type { CallEffects, Installs, PluginRunner } from "../../kernel/plugins/index.ts";

/** A kind of record that a connection's plugin offers. */
export interface NamedEntity extends EntityContribution {
  name: string;
}

/** Which entity, over which connection of whose. */
export interface EntityPlace {
  tenantId: string;
  connectionId: string;
  entity: string;
  signal: AbortSignal;
  /** Is told what the call does. */
  effects?: CallEffects;
}

export type Record = { [field: string]: Json };

export interface ListRequest {
  cursor: string | null;
  limit: number;
  filter: { [field: string]: Json };
  updatedSince: string | null;
}

/** One answer of a change feed, in the order in which things happened. */
export interface Changes {
  /** Without `record` where it is gone, or is to be read by its key. */
  changes: { op: "upsert" | "remove"; key: string; record?: Record }[];
  /** For the changes after these; also where there are none yet. */
  cursor: string;
  hasMore?: boolean;
}

/** The records of connections, the same over all plugins. What plugins made of a call is thrown as the API's errors. */
export interface Entities {
  /** @throws `connection-not-found` */
  describe(tenantId: string, connectionId: string): Promise<NamedEntity[]>;
  /** @throws `connection-not-found`, `entity-not-found` */
  find(tenantId: string, connectionId: string, entity: string): Promise<NamedEntity>;
  list(place: EntityPlace, request: ListRequest): Promise<{ items: Record[]; nextCursor: string | null }>;
  changes(place: EntityPlace, request: { cursor: string | null; limit: number }): Promise<Changes>;
  get(place: EntityPlace, key: string): Promise<Record>;
  create(place: EntityPlace, record: Record, idempotencyKey: string): Promise<Record>;
  update(place: EntityPlace, key: string, changes: Record): Promise<Record>;
  upsert(place: EntityPlace, key: string, record: Record): Promise<Record>;
  remove(place: EntityPlace, key: string): Promise<void>;
  /** @throws what a call over the connection would be refused with now */
  admit(place: Pick<EntityPlace, "tenantId" | "connectionId">): Promise<void>;
}

export function createEntities(kernel: {
  connections: Pick<Connections, "use">;
  installs: Pick<Installs, "get" | "manifest">;
  runner: Pick<PluginRunner, "runEntity" | "admit">;
  hooks: Hooks;
}): Entities {
  const { connections, installs, runner, hooks } = kernel;

  async function describe(tenantId: string, connectionId: string): Promise<NamedEntity[]> {
    const { installId } = await connections.use(tenantId, connectionId);
    const { contributes } = await installs.manifest(await installs.get(tenantId, installId));
    return Object.entries(contributes?.entities ?? {}).map(([name, entity]) => ({ name, ...entity }));
  }

  async function find(tenantId: string, connectionId: string, name: string): Promise<NamedEntity> {
    const entities = await describe(tenantId, connectionId);
    const found = entities.find((entity) => entity.name === name);
    if (found) return found;
    const available = entities.map((entity) => entity.name);
    throw coreError(
      "entity-not-found",
      `The plugin of this connection has no entity "${name}"; it has ${available.join(", ") || "none"}.`,
      { available },
    );
  }

  /** What a call goes over. */
  async function way({ tenantId, connectionId }: Pick<EntityPlace, "tenantId" | "connectionId">) {
    const connection = await connections.use(tenantId, connectionId);
    return { connection, install: () => installs.get(tenantId, connection.installId) };
  }

  async function callOf(place: EntityPlace, operation: EntityOperation, input: Record) {
    const { entity, signal, effects } = place;
    // No entity has such a name: in front of an operation it would be that of a function of another's batch.
    if (entity.includes(".")) await find(place.tenantId, place.connectionId, entity);
    return { ...(await way(place)), entity, operation, input, signal, ...(effects && { effects }) };
  }

  async function run(place: EntityPlace, operation: EntityOperation, input: Record): Promise<Json> {
    return (await runner.runEntity(await callOf(place, operation, input))).output;
  }

  /** As `run`; the tenant's other plugins may change what is written, in the member `written` of the input. */
  async function write(
    place: EntityPlace,
    operation: "create" | "update" | "upsert",
    input: Record,
    written: "record" | "changes",
  ): Promise<Record> {
    const { tenantId, connectionId, entity } = place;
    const call = await callOf(place, operation, input);
    if (!(await hooks.listensTo(tenantId, ["record.beforeWrite"])))
      return (await runner.runEntity(call)).output as Record;
    const callId = newId("call");
    const { plugin } = await call.install();
    const { output } = await runner.runEntity({
      ...call,
      callId,
      async beforeRun(fits, aborted) {
        const value = await hooks.waterfall(
          "record.beforeWrite",
          { tenantId, plugin, connectionId, callId },
          {
            value: input[written] ?? null,
            told: { entity, operation },
            fits: (changed) => fits({ ...input, [written]: changed }),
            signal: aborted,
          },
        );
        return { ...input, [written]: value };
      },
    });
    return output as Record;
  }

  return {
    describe,

    find,

    async list(place, { cursor, limit, filter, updatedSince }) {
      const page = await run(place, "list", { cursor, limit, filter, updatedSince });
      return page as { items: Record[]; nextCursor: string | null };
    },
    changes: async (place, { cursor, limit }) => {
      const answer: unknown = await run(place, "changesSince", { cursor, limit });
      return answer as Changes;
    },
    get: async (place, key) => (await run(place, "get", { key })) as Record,
    create: (place, record, idempotencyKey) => write(place, "create", { record, idempotencyKey }, "record"),
    update: (place, key, changes) =>
      write(place, "update", { key, changes, idempotencyKey: newId("idem") }, "changes"),
    upsert: (place, key, record) =>
      write(place, "upsert", { key, record, idempotencyKey: newId("idem") }, "record"),
    async remove(place, key) {
      await run(place, "remove", { key });
    },
    admit: async (place) => runner.admit(await way(place)),
  };
}

import type { Route } from "@plugboard/service-kit/http";
import { Type } from "typebox";
import { tenantRoute } from "../../kernel/access/index.ts";
import { callErrorCodes } from "../../kernel/plugins/index.ts";
import type { Triggers } from "./triggers.ts";

const id = Type.String({ minLength: 1, maxLength: 64 });
const jsonSchema = Type.Object({}, { additionalProperties: true, description: "JSON Schema 2020-12" });
const config = Type.Record(Type.String(), Type.Unknown(), {
  description: "The trigger's settings, as its `config` schema asks for.",
});
const time = Type.Union([Type.String({ format: "date-time" }), Type.Null()]);

const lastError = Type.Union([Type.Object({ code: Type.String(), detail: Type.String() }), Type.Null()]);

const pollingState = Type.Object(
  {
    enabled: Type.Boolean(),
    config,
    intervalSeconds: Type.Integer(),
    nextPollAt: time,
    lastPolledAt: time,
    failures: Type.Integer({ description: "Polls in a row that failed." }),
    lastError,
    told: Type.Integer({ description: "Items that were told as events." }),
  },
  { description: "Of one that polls and was switched on before." },
);

const streamState = Type.Object(
  {
    enabled: Type.Boolean(),
    config,
    status: Type.Union(
      [Type.Literal("off"), Type.Literal("waiting"), Type.Literal("connecting"), Type.Literal("open")],
      { description: "`waiting`: for `nextAttemptAt`, or for a host with room." },
    ),
    since: Type.String({ format: "date-time", description: "Since when it is that." }),
    nextAttemptAt: time,
    failures: Type.Integer({
      description: "Sockets in a row that could not be opened, or did not last.",
    }),
    lastError,
    lastClose: Type.Union([Type.Object({ code: Type.Integer(), reason: Type.String() }), Type.Null()], {
      description: "How the vendor closed the last socket, if it did.",
    }),
    lastMessageAt: time,
    received: Type.Integer({ description: "Messages; as the other counts some seconds late." }),
    sent: Type.Integer(),
    told: Type.Integer({ description: "Items that were told as events." }),
  },
  { description: "Of one on a stream that was switched on before." },
);

const triggerSchema = Type.Object(
  {
    name: Type.String(),
    title: Type.String(),
    description: Type.Optional(Type.String()),
    kind: Type.Union([Type.Literal("webhook"), Type.Literal("polling"), Type.Literal("stream")]),
    eventTypes: Type.Array(Type.String(), { description: "The types of the events in which it is told." }),
    output: jsonSchema,
    config: Type.Optional(jsonSchema),
    intervalSeconds: Type.Optional(Type.Integer({ description: "The least time between two polls." })),
    state: Type.Optional(Type.Union([pollingState, streamState])),
  },
  { title: "Trigger" },
);

const found = ["connection-not-found", "trigger-not-found", "release-not-trusted", "registry-unavailable"];
const path = "/api/v1/connections/:id/triggers";
const ofTrigger = Type.Object({ id, trigger: id });

/** What a connection's plugin can tell of by itself, and whether it does. */
export function createTriggerRoutes({ triggers }: { triggers: Triggers }): Route[] {
  const tags = ["triggers"];
  const read = { scope: "triggers:read" } as const;
  const write = { scope: "triggers:write" } as const;
  return [
    tenantRoute({
      method: "GET",
      path,
      operationId: "listTriggers",
      summary: "List the triggers of this connection",
      tags,
      access: read,
      params: Type.Object({ id }),
      responses: {
        200: { description: "All of them.", schema: Type.Object({ items: Type.Array(triggerSchema) }) },
      },
      errors: found.filter((code) => code !== "trigger-not-found"),
      async handler({ identity, params }) {
        return { status: 200, body: { items: await triggers.list(identity.tenantId, params.id) } };
      },
    }),

    tenantRoute({
      method: "GET",
      path: `${path}/:trigger`,
      operationId: "getTrigger",
      summary: "Read a trigger, and how it is doing",
      tags,
      access: read,
      params: ofTrigger,
      responses: { 200: { description: "The trigger.", schema: triggerSchema } },
      errors: found,
      async handler({ identity, params }) {
        const place = { connectionId: params.id, trigger: params.trigger };
        return { status: 200, body: await triggers.get(identity.tenantId, place) };
      },
    }),

    tenantRoute({
      method: "PUT",
      path: `${path}/:trigger`,
      operationId: "setTrigger",
      summary: "Switch a polling trigger on or off, and set it up",
      description:
        "What it finds comes as events of the type `trigger.{name}`, each item once. Switched on again it goes on where it was; other settings, or `startAt`, begin anew.",
      tags,
      access: write,
      params: ofTrigger,
      body: Type.Object({
        enabled: Type.Boolean(),
        config: Type.Optional(config),
        intervalSeconds: Type.Optional(
          Type.Integer({ minimum: 10, maximum: 86_400, description: "No less than the trigger's own." }),
        ),
        startAt: Type.Optional(
          Type.Union([Type.Literal("now"), Type.Literal("beginning")], {
            description:
              "Begins anew: `now` tells what comes from now on, `beginning` also what is there. Of a trigger that was never on: `now`.",
          }),
        ),
      }),
      responses: { 200: { description: "The trigger as it is now.", schema: triggerSchema } },
      errors: ["tenant-not-found", "trigger-not-polling", "trigger-config-invalid", ...found],
      async handler({ identity, params, body }) {
        const place = { connectionId: params.id, trigger: params.trigger };
        return { status: 200, body: await triggers.put(identity.tenantId, place, body) };
      },
    }),

    tenantRoute({
      method: "POST",
      path: `${path}/:trigger/test`,
      operationId: "testTrigger",
      summary: "Poll once and show what is found",
      description:
        "Nothing is stored or told. At most ten items are shown. Not while the vendor has asked the trigger to wait.",
      tags,
      access: write,
      params: ofTrigger,
      body: Type.Object({ config: Type.Optional(config) }),
      responses: {
        200: {
          description: "What a first poll would find.",
          schema: Type.Object({ items: Type.Array(Type.Unknown()), hasMore: Type.Boolean() }),
        },
      },
      errors: [
        "trigger-not-found",
        "trigger-not-polling",
        "trigger-config-invalid",
        "trigger-backing-off",
        "trigger-output-invalid",
        ...callErrorCodes,
      ],
      async handler({ identity, params, body, signal }) {
        const place = { connectionId: params.id, trigger: params.trigger };
        return { status: 200, body: await triggers.test(identity.tenantId, place, body.config, signal) };
      },
    }),

    tenantRoute({
      method: "POST",
      path: `${path}/:trigger/poll`,
      operationId: "pollTrigger",
      summary: "Poll now rather than at its time",
      description:
        "One that fails is left alone for longer and longer, and for as long as the vendor asks: it is not polled before. Setting it anew begins without what was waited for on our side.",
      tags,
      access: write,
      params: ofTrigger,
      responses: { 202: { description: "It is polled as soon as there is a turn." } },
      errors: ["trigger-not-polling", "trigger-off", "trigger-backing-off", ...found],
      async handler({ identity, params }) {
        await triggers.pollNow(identity.tenantId, { connectionId: params.id, trigger: params.trigger });
        return { status: 202 };
      },
    }),
  ];
}

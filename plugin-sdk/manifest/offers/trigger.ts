import type { JsonSchema, PollingTriggerContribution, StreamTriggerContribution } from "../types.ts";
import { offerLimits } from "./limits.ts";
import { closed, nullable, type OfferSchemas, text, within } from "./schemas.ts";

const { keptCursorLength, pollItems, streamMessages } = offerLimits;

/** What a poll takes and gives. */
export function pollSchemas({ config, output }: PollingTriggerContribution): OfferSchemas {
  const cursor = nullable(text(keptCursorLength));
  const startAt = { enum: ["now", "beginning"] };
  return {
    input: within(config ?? closed({}), (settings) => closed({ cursor, config: settings, startAt })),
    output: within(output, (item) =>
      closed({
        items: {
          type: "array",
          maxItems: pollItems,
          items: closed({ key: text(512), item }),
        },
        cursor,
        hasMore: { type: "boolean" },
      }),
    ),
  };
}

const message: JsonSchema = {
  anyOf: [{ type: "string" }, closed({ base64: { type: "string" } })],
};
const messages: JsonSchema = { type: "array", maxItems: streamMessages, items: message };
const heartbeat = nullable(
  closed({ everyMs: { type: "integer", minimum: 1_000, maximum: 3_600_000 }, send: text(keptCursorLength) }),
);

/** What a trigger on a stream takes and gives: before a socket is opened, and when messages have come. */
export function streamSchemas(
  { config, output }: StreamTriggerContribution,
  operation: string,
): OfferSchemas | undefined {
  const context = (more: { [name: string]: JsonSchema }) =>
    within(config ?? closed({}), (settings) => closed({ state: {}, config: settings, ...more }));
  if (operation === "open")
    return {
      input: context({
        lastClose: nullable(closed({ code: { type: "integer" }, reason: { type: "string" } })),
      }),
      output: closed(
        {
          url: text(keptCursorLength),
          headers: { type: "object", maxProperties: 100, additionalProperties: { type: "string" } },
          protocols: { type: "array", maxItems: 16, items: text(100) },
          send: messages,
          heartbeat,
          state: {},
        },
        ["url", "send"],
      ),
    };
  if (operation === "receive")
    return {
      input: context({ messages: { type: "array", items: message } }),
      output: within(output, (item) =>
        closed(
          {
            items: { type: "array", maxItems: pollItems, items: closed({ key: text(512), item }) },
            send: messages,
            heartbeat,
            state: {},
            reconnect: { type: "boolean" },
          },
          ["items", "send"],
        ),
      ),
    };
  return undefined;
}

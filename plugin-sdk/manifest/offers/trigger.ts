import type { PollingTriggerContribution } from "../types.ts";
import { offerLimits } from "./limits.ts";
import { closed, nullable, type OfferSchemas, text, within } from "./schemas.ts";

const { keptCursorLength, pollItems } = offerLimits;

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

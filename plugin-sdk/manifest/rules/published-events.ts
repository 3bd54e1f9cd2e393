import { pointerTo } from "../pointer.ts";
import { defineRule } from "./rule.ts";

/**
 * Types that begin so are the host's own; a plugin may listen to them, and never pass for the host. `trigger.` is what
 * polling triggers have found, which the host tells.
 */
const reserved = /^(?:plugboard|trigger)(?:\.|$)/;

export const publishedEventsRule = defineRule({
  needs: ["permissions"],
  check({ permissions }) {
    return (permissions.events?.publish ?? []).flatMap((type, index) =>
      reserved.test(type)
        ? [
            {
              code: "event-reserved",
              pointer: pointerTo("permissions", "events", "publish", index),
              message: `Events of the type ${type} are the host's own; publish under a name of your plugin's.`,
            },
          ]
        : [],
    );
  },
});

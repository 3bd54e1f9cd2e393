import { coversEventType } from "../offers/index.ts";
import { pointerTo } from "../pointer.ts";
import type { Manifest, Problem, WebhookTriggerContribution } from "../types.ts";
import { canReach } from "./reach.ts";
import { defineRule } from "./rule.ts";

/** What a trigger needs besides itself: a vendor to ask, or deliveries that become events. */
export const triggersRule = defineRule({
  needs: ["permissions", "webhooks", "contributes"],
  check(manifest) {
    const { permissions, contributes } = manifest;
    return [
      ...checkNormalize(manifest),
      ...Object.entries(contributes?.triggers ?? {}).flatMap(([name, trigger]): Problem[] => {
        const pointer = pointerTo("contributes", "triggers", name);
        if (trigger.kind === "webhook") return checkWebhook(name, trigger, manifest, pointer);
        if (trigger.kind === "stream") return checkStream(name, permissions, pointer);
        if (canReach(permissions)) return [];
        const message = `The trigger "${name}" polls, and permissions has neither network nor storage to do it with; declare the vendor's hosts in permissions.network.`;
        return [{ code: "operation-not-permitted", pointer, message }];
      }),
    ];
  },
});

type Needed = Pick<Manifest, "permissions" | "webhooks" | "contributes">;

function checkNormalize({ webhooks, contributes }: Needed): Problem[] {
  if (!contributes?.webhooks || webhooks) return [];
  const message =
    "The code has webhooks.normalize, and plugin.json has no webhooks: say there how the host verifies what the vendor sends.";
  return [{ code: "webhooks-not-declared", pointer: "/webhooks", message }];
}

function checkStream(name: string, { network = [] }: Manifest["permissions"], pointer: string): Problem[] {
  if (network.some(({ methods }) => methods.includes("WEBSOCKET"))) return [];
  const message = `The trigger "${name}" listens on a stream, and permissions.network has no host with the method WEBSOCKET; declare the vendor's there.`;
  return [{ code: "operation-not-permitted", pointer, message }];
}

function checkWebhook(
  name: string,
  { events }: WebhookTriggerContribution,
  { permissions, contributes }: Needed,
  pointer: string,
): Problem[] {
  const normalize: Problem[] = contributes?.webhooks
    ? []
    : [
        {
          code: "normalize-missing",
          pointer,
          message: `The trigger "${name}" fires on events of webhooks, and the code has no webhooks.normalize that makes them.`,
        },
      ];
  const published = permissions.events?.publish ?? [];
  return [
    ...normalize,
    ...events.flatMap((type, index) =>
      published.some((pattern) => coversEventType(pattern, type))
        ? []
        : [
            {
              code: "event-not-declared",
              pointer: `${pointer}/events/${index}`,
              message: `The trigger "${name}" fires on ${type}, which permissions.events.publish does not cover; declare it there.`,
            },
          ],
    ),
  ];
}

import { isDeceptive } from "../deceptive-text.ts";
import { pointerTo } from "../pointer.ts";
import type { Problem } from "../types.ts";
import { defineRule } from "./rule.ts";

export const readableTextRule = defineRule({
  needs: [
    "displayName",
    "description",
    "keywords",
    "license",
    "screenshots",
    "permissions",
    "auth",
    "pricing",
    "contributes",
  ],
  check({ displayName, description, keywords = [], license, screenshots = [], ...rest }) {
    const { permissions, auth = [], pricing, contributes } = rest;
    const offers = (["actions", "triggers", "entities"] as const).flatMap((kind) =>
      Object.entries(contributes?.[kind] ?? {}).map(([name, offer]) => [kind, name, offer] as const),
    );
    const lines: Text[] = [
      ["/displayName", displayName],
      ["/license", license],
      ...keywords.map((text, index): Text => [pointerTo("keywords", index), text]),
      ...screenshots.map(({ caption }, index): Text => [pointerTo("screenshots", index, "caption"), caption]),
      ...(permissions.network ?? []).map(
        ({ reason }, index): Text => [pointerTo("permissions", "network", index, "reason"), reason],
      ),
      ["/permissions/storage/reason", permissions.storage?.reason],
      ["/permissions/events/reason", permissions.events?.reason],
      ["/permissions/hooks/reason", permissions.hooks?.reason],
      ["/permissions/files/reason", permissions.files?.reason],
      ["/permissions/binary/reason", permissions.binary?.reason],
      ...auth.map(({ title }, index): Text => [pointerTo("auth", index, "title"), title]),
      ...(pricing?.meters ?? []).flatMap(({ title, unit }, index): Text[] => [
        [pointerTo("pricing", "meters", index, "title"), title],
        [pointerTo("pricing", "meters", index, "unit"), unit],
      ]),
      ...offers.map(
        ([kind, name, { title }]): Text => [pointerTo("contributes", kind, name, "title"), title],
      ),
    ];
    const paragraphs: Text[] = [
      ["/description", description],
      ...offers.map(
        ([kind, name, offer]): Text => [
          pointerTo("contributes", kind, name, "description"),
          offer.description,
        ],
      ),
    ];
    return [
      ...[...lines, ...paragraphs]
        .filter(([, text]) => text !== undefined && isDeceptive(text))
        .map(deceptive),
      ...lines.filter(([, text]) => text?.includes("\n")).map(multiline),
    ];
  },
});

type Text = [pointer: string, text: string | undefined];

const deceptive = ([pointer]: Text): Problem => ({
  code: "text-deceptive",
  pointer,
  message: "This text has control, bidirectional or invisible characters; remove them.",
});

/** In a list, such as that of permissions to consent to, what stands on a line of its own looks like an entry. */
const multiline = ([pointer]: Text): Problem => ({
  code: "text-multiline",
  pointer,
  message: "This text has line breaks, and is shown on one line; write it without them.",
});

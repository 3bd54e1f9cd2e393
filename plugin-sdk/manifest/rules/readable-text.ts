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
    const texts: [pointer: string, text: string | undefined][] = [
      ["/displayName", displayName],
      ["/description", description],
      ["/license", license],
      ...keywords.map((text, index): [string, string] => [pointerTo("keywords", index), text]),
      ...screenshots.map(({ caption }, index): [string, string] => [
        pointerTo("screenshots", index, "caption"),
        caption,
      ]),
      ...(permissions.network ?? []).map(({ reason }, index): [string, string] => [
        pointerTo("permissions", "network", index, "reason"),
        reason,
      ]),
      ["/permissions/storage/reason", permissions.storage?.reason],
      ["/permissions/events/reason", permissions.events?.reason],
      ["/permissions/hooks/reason", permissions.hooks?.reason],
      ["/permissions/binary/reason", permissions.binary?.reason],
      ...auth.map(({ title }, index): [string, string | undefined] => [
        pointerTo("auth", index, "title"),
        title,
      ]),
      ...(pricing?.meters ?? []).flatMap(({ title, unit }, index): [string, string][] => [
        [pointerTo("pricing", "meters", index, "title"), title],
        [pointerTo("pricing", "meters", index, "unit"), unit],
      ]),
      ...(["actions", "triggers", "entities"] as const).flatMap((kind) =>
        Object.entries(contributes?.[kind] ?? {}).flatMap(([name, offer]): [string, string | undefined][] => [
          [pointerTo("contributes", kind, name, "title"), offer.title],
          [pointerTo("contributes", kind, name, "description"), offer.description],
        ]),
      ),
    ];
    return texts.flatMap(([pointer, text]): Problem[] =>
      text === undefined || !isDeceptive(text)
        ? []
        : [
            {
              code: "text-deceptive",
              pointer,
              message: "This text has control, bidirectional or invisible characters; remove them.",
            },
          ],
    );
  },
});

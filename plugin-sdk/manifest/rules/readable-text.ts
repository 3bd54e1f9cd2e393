import { pointerTo } from "../pointer.ts";
import type { Problem } from "../types.ts";
import { defineRule } from "./rule.ts";

/**
 * Characters that make a text look other than it is, on a consent page or in a terminal: controls (but line feeds),
 * bidirectional overrides and isolates, zero-width and tag characters (Unicode TR 36).
 */
const deceptive =
  /(?!\n)[\p{Cc}\u061c\u200b\u200e\u200f\u2028-\u202e\u2060-\u2069\ufeff\u{e0000}-\u{e007f}]/u;

export const readableTextRule = defineRule({
  needs: ["displayName", "description", "keywords", "license", "permissions", "auth", "contributes"],
  check({ displayName, description, keywords = [], license, permissions, auth = [], contributes }) {
    const texts: [pointer: string, text: string | undefined][] = [
      ["/displayName", displayName],
      ["/description", description],
      ["/license", license],
      ...keywords.map((text, index): [string, string] => [pointerTo("keywords", index), text]),
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
      ...Object.entries(contributes?.actions ?? {}).flatMap(
        ([name, action]): [string, string | undefined][] => [
          [pointerTo("contributes", "actions", name, "title"), action.title],
          [pointerTo("contributes", "actions", name, "description"), action.description],
        ],
      ),
    ];
    return texts.flatMap(([pointer, text]): Problem[] =>
      text === undefined || !deceptive.test(text)
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

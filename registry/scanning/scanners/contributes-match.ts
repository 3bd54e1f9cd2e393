import { isDeepStrictEqual } from "node:util";
import type { Contributes } from "@plugboard/plugin-sdk/manifest";
import { type PluginShape, SandboxError } from "@plugboard/sandbox";
import { judged, type Scanner } from "../scanner.ts";

/** `contributes` of plugin.json, which people read and hosts rely on, is what the code really offers. */
export const contributesMatch: Scanner = {
  name: "contributes-match",
  version: "1",
  deadlineMs: 30_000,
  async scan({ content, describe }) {
    const shape = await describe().catch((error: unknown) => {
      // That the code does not load is for another scanner to say.
      if (error instanceof SandboxError) return undefined;
      throw error;
    });
    if (!shape) return judged([], { skipped: "the code does not load" });
    const declared = offers(content.manifest.contributes);
    const actual = offers(shape);
    return judged(
      [...new Set([...declared.keys(), ...actual.keys()])]
        .filter((pointer) => !isDeepStrictEqual(declared.get(pointer), actual.get(pointer)))
        .map((pointer) => ({
          code: "contributes-mismatch",
          pointer: `/contributes${pointer}`,
          message: `${difference(declared.has(pointer), actual.has(pointer))} Build and sign the plugin again.`,
        })),
    );
  },
};

/** What is offered, by its place in `contributes`, as plain JSON. */
function offers(contributes: Contributes | PluginShape): Map<string, unknown> {
  const { actions = {}, triggers = {}, entities = {}, webhooks } = contributes;
  const hooks = (contributes.hooks ?? []).map((hook) => (typeof hook === "string" ? { name: hook } : hook));
  return new Map([
    ...Object.entries({ actions, triggers, entities }).flatMap(([kind, named]) =>
      Object.entries(named).map(([name, offer]): [string, unknown] => [
        `/${kind}/${name}`,
        JSON.parse(JSON.stringify(offer)),
      ]),
    ),
    ...(webhooks ? [["/webhooks", JSON.parse(JSON.stringify(webhooks))] as const] : []),
    ...hooks.map(({ name, order = "normal" }) => [`/hooks/${name}`, order] as const),
  ]);
}

function difference(declared: boolean, actual: boolean): string {
  if (!declared) return "The code offers this and plugin.json does not say so.";
  if (!actual) return "plugin.json offers this and the code does not.";
  return "plugin.json and the code describe this differently.";
}

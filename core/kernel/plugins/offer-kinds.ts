import type { Manifest, OfferTarget, Problem } from "@plugboard/plugin-sdk/manifest";
import type { PlugboardError } from "@plugboard/service-kit/http";
import { type CoreErrorCode, coreError } from "../../errors.ts";

/** What of a plugin can be called over HTTP or by a job. Hooks are not offered: the host calls them on its own occasions. */
export interface OfferKind {
  inputInvalid: CoreErrorCode;
  outputInvalid: CoreErrorCode;
  /** The plugin offers no such thing, for what the code says and plugin.json does not as well. */
  unknown: CoreErrorCode;
  /** Whether a call counts, where the plugin is priced by usage. The host's own polls and deliveries do not. */
  isMetered: boolean;
}

export const offerKinds: Record<OfferTarget["kind"], OfferKind> = {
  action: {
    inputInvalid: "action-input-invalid",
    outputInvalid: "action-output-invalid",
    unknown: "action-not-found",
    isMetered: true,
  },
  entity: {
    inputInvalid: "entity-input-invalid",
    outputInvalid: "entity-output-invalid",
    unknown: "entity-not-found",
    isMetered: true,
  },
  trigger: {
    inputInvalid: "trigger-config-invalid",
    outputInvalid: "trigger-output-invalid",
    unknown: "trigger-not-found",
    isMetered: false,
  },
  webhook: {
    inputInvalid: "normalize-invalid",
    outputInvalid: "normalize-invalid",
    unknown: "normalize-invalid",
    isMetered: false,
  },
};

/** What a caller gets that asked for something that the plugin does not offer, with what it does. */
export function unknownOffer(manifest: Manifest, { kind, name }: OfferTarget): PlugboardError {
  const { contributes = {} } = manifest;
  const where = `${manifest.id} ${manifest.version}`;
  const refuse = (code: CoreErrorCode, what: string, available: string[]) =>
    coreError(code, `${where} has no ${what}; it has ${available.join(", ") || "none"}.`, { available });
  if (kind === "action") return refuse("action-not-found", `action "${name}"`, namesOf(contributes.actions));
  if (kind === "webhook") return refuse("normalize-invalid", "webhooks.normalize", []);
  if (kind === "trigger") {
    const callable = Object.entries(contributes.triggers ?? {}).filter(([, one]) => one.kind !== "webhook");
    const what = `trigger "${name}" that polls or listens`;
    return refuse("trigger-not-found", what, namesOf(Object.fromEntries(callable)));
  }
  const [entity = "", ...path] = name.split(".");
  const operation = path.join(".");
  const entities = contributes.entities ?? {};
  const found = Object.hasOwn(entities, entity) ? entities[entity] : undefined;
  if (!found) return refuse("entity-not-found", `entity "${entity}"`, namesOf(entities));
  return refuse("entity-operation-not-found", `operation "${operation}" of "${entity}"`, found.operations);
}

/** @throws with the problems, each at its place below `prefix` */
export function refuseProblems(
  code: CoreErrorCode,
  problems: Problem[],
  detail: string,
  prefix: "/input" | "/output",
): void {
  if (problems.length === 0) return;
  throw coreError(code, detail, {
    problems: problems.map(({ pointer, message }) => ({ pointer: `${prefix}${pointer}`, message })),
  });
}

const namesOf = (named: object | undefined): string[] => Object.keys(named ?? {});

import type { Static } from "typebox";
import * as schemas from "../updates/schemas.ts";
import type { Ask } from "./ask.ts";

export type UpdateCheck = Static<typeof schemas.UpdateCheck>;
export type CheckedInstall = Static<typeof schemas.CheckedInstall>;

export interface UpdateClient {
  /** What installs of one plugin may move to; at most `mostInstallsPerCheck` at once. */
  checkUpdates(check: UpdateCheck): Promise<CheckedInstall[]>;
}

/** What comes after what is installed. For hosts. */
export function createUpdateClient({ ask }: { ask: Ask }): UpdateClient {
  return {
    async checkUpdates(json) {
      const path = "/update-checks";
      return (await ask(schemas.CheckedInstalls, { method: "POST", path, json, asHost: true })).items;
    },
  };
}

import { definePlugin, entityActions } from "@plugboard/plugin-sdk";
import { Id } from "./api/shapes.ts";
import { bulkActions } from "./bulk/index.ts";
import { entities } from "./objects/index.ts";
import { anyRecordActions } from "./records/index.ts";
import { triggers } from "./triggers/index.ts";
import { normalize } from "./webhooks/normalize.ts";

const plurals: { [name: string]: string } = { opportunity: "opportunities" };

export default definePlugin({
  entities,
  actions: {
    ...Object.assign(
      {},
      ...Object.entries(entities).map(([name, kind]) =>
        entityActions(name, kind, { plural: plurals[name] ?? `${name}s`, key: Id }),
      ),
    ),
    ...anyRecordActions,
    ...bulkActions,
  },
  triggers,
  webhooks: { normalize },
});

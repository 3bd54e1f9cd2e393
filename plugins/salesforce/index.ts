import { definePlugin } from "@plugboard/plugin-sdk";
import { bulkActions } from "./bulk/index.ts";
import { entities, recordActions } from "./objects/index.ts";
import { anyRecordActions } from "./records/index.ts";
import { triggers } from "./triggers/index.ts";
import { normalize } from "./webhooks/normalize.ts";

const plurals = {
  account: "accounts",
  contact: "contacts",
  lead: "leads",
  opportunity: "opportunities",
  case: "cases",
};

export default definePlugin({
  entities,
  actions: {
    ...Object.assign(
      {},
      ...Object.entries(plurals).flatMap(([name, plural]) => {
        const kind = entities[name];
        return kind ? [recordActions(name, plural, kind)] : [];
      }),
    ),
    ...anyRecordActions,
    ...bulkActions,
  },
  triggers,
  webhooks: { normalize },
});

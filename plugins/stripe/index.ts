import { definePlugin } from "@plugboard/plugin-sdk";
import { actionsOf } from "./resource/actions.ts";
import { entityOf } from "./resource/entity.ts";
import { getBalance, resources } from "./resources/index.ts";
import { triggers } from "./triggers/index.ts";
import { normalize } from "./webhooks/normalize.ts";

export default definePlugin({
  actions: { ...Object.assign({}, ...resources.map(actionsOf)), "get-balance": getBalance },
  entities: Object.fromEntries(
    resources.filter(({ isEntity }) => isEntity).map((resource) => [resource.name, entityOf(resource)]),
  ),
  triggers,
  webhooks: { normalize },
});

import type { Static } from "typebox";
import * as schemas from "../private-plugins/schemas.ts";
import type { Ask } from "./ask.ts";
import { at } from "./paths.ts";
import type { Send } from "./request.ts";

export type PublisherLink = Static<typeof schemas.PublisherLink>;

export interface PrivatePluginClient {
  /** @param claim signed with a key of the publisher's, for the audience `plugboard-tenant:<tenant id>` */
  linkPublisher(tenantId: string, publisher: string, claim: string): Promise<PublisherLink>;
  unlinkPublisher(tenantId: string, publisher: string): Promise<void>;
  listLinkedPublishers(tenantId: string): Promise<{ items: PublisherLink[] }>;
}

/** Who publishes private plugins for which tenant. For hosts. */
export function createPrivatePluginClient({ ask, send }: { ask: Ask; send: Send }): PrivatePluginClient {
  const asHost = true;
  return {
    async linkPublisher(tenantId, publisher, claim) {
      const path = at`/tenants/${tenantId}/publishers/${publisher}`;
      return ask(schemas.PublisherLink, { method: "PUT", path, json: { claim }, asHost });
    },
    async unlinkPublisher(tenantId, publisher) {
      await send({ method: "DELETE", path: at`/tenants/${tenantId}/publishers/${publisher}`, asHost });
    },
    async listLinkedPublishers(tenantId) {
      return ask(schemas.PublisherLinks, {
        method: "GET",
        path: at`/tenants/${tenantId}/publishers`,
        asHost,
      });
    },
  };
}

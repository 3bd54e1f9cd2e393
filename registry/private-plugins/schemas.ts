import { Type } from "typebox";
import { publisherName, timestamp } from "../names.ts";

export const PublisherLink = Type.Object({ publisher: publisherName, linkedAt: timestamp });

export const PublisherLinks = Type.Object({ items: Type.Array(PublisherLink, { description: "By name." }) });

export const LinkRequest = Type.Object({
  claim: Type.String({
    maxLength: 8192,
    description:
      "Compact JWS of type `plugboard-claim+jws` over `{ publisher, audience, issuedAt }`, signed with a key of the publisher's; the audience is `plugboard-tenant:` and the tenant's id.",
  }),
});

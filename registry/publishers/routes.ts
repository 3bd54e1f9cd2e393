import type { Route } from "@plugboard/service-kit/http";
import { Type } from "typebox";
import { route } from "../access.ts";
import { publisherName } from "../names.ts";
import type { Publishers } from "./publishers.ts";
import { Publisher, Registered, RegistrationRequest } from "./schemas.ts";

export function publisherRoutes(publishers: Publishers): Route[] {
  return [
    route({
      method: "POST",
      path: "/registry/v1/publishers",
      operationId: "registerPublisher",
      summary: "Take a name, with the key that will sign under it",
      description:
        "A name goes to whoever takes it first and shows, by a signed claim, that they hold the key.",
      tags: ["publishers"],
      access: "public",
      body: RegistrationRequest,
      maxBodyBytes: 16 * 1024,
      responses: { 201: { description: "The name is theirs.", schema: Registered } },
      errors: [
        "claim-invalid",
        "publisher-key-unknown",
        "publisher-name-similar",
        "publisher-taken",
        "rate-limited",
        "signature-invalid",
        "statement-malformed",
        "statement-wrong-type",
      ],
      async handler({ body, ip }) {
        return { status: 201, body: await publishers.register(body, { ip }) };
      },
    }),
    route({
      method: "PUT",
      path: "/registry/v1/publisher-names/:publisher",
      operationId: "admitPublisherName",
      summary: "Let somebody take a name that is near to a better-known one",
      tags: ["publishers"],
      access: "operator",
      params: Type.Object({ publisher: publisherName }),
      body: Type.Object({ reason: Type.String({ minLength: 1, maxLength: 1000 }) }),
      responses: { 204: { description: "Whoever claims it first has it." } },
      errors: [],
      async handler({ params, body }) {
        await publishers.admitName(params.publisher, body.reason);
        return { status: 204 };
      },
    }),
    route({
      method: "GET",
      path: "/registry/v1/publishers/:publisher",
      operationId: "getPublisher",
      summary: "A publisher and the thumbprints of its keys",
      tags: ["publishers"],
      access: "public",
      params: Type.Object({ publisher: publisherName }),
      responses: { 200: { description: "The publisher.", schema: Publisher } },
      errors: ["publisher-not-found"],
      async handler({ params }) {
        return { status: 200, body: await publishers.get(params.publisher) };
      },
    }),
  ];
}

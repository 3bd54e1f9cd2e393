import { action, type Json, Type } from "@plugboard/plugin-sdk";
import { apiVersion, openOrg } from "../api/org.ts";
import { Fields } from "../api/shapes.ts";

interface CompositeReply {
  compositeResponse: {
    body: Json;
    httpHeaders: { [name: string]: string };
    httpStatusCode: number;
    referenceId: string;
  }[];
}

/** https://developer.salesforce.com/docs/atlas.en-us.api_rest.meta/api_rest/resources_composite_composite.htm */
export const composite = action({
  title: "Send several requests at once",
  description:
    "Up to 25 requests, one after the other, in one call; later ones can take what earlier ones answered, as in @{account.id}. A failed one has its status and errors in its body.",
  input: Type.Object({
    allOrNone: Type.Optional(Type.Boolean({ default: false, description: "Undo all where one fails" })),
    requests: Type.Array(
      Type.Object({
        referenceId: Type.String({ pattern: "^[A-Za-z][A-Za-z0-9_]{0,99}$" }),
        method: Type.Enum(["GET", "POST", "PATCH", "DELETE"]),
        path: Type.String({
          // Nothing of the API but records, and queries of them: the permission is for no more.
          pattern:
            "^/(sobjects(/[A-Za-z0-9_@{-][A-Za-z0-9_@{}.\\[\\]-]*){1,3}|query|queryAll|composite/sobjects(/[A-Za-z0-9_]+){0,2})([?][^#]*)?$",
          maxLength: 16_000,
          description:
            "Below the API's version: /sobjects/Account, /sobjects/Contact/@{contact.id}, /query?q=…",
        }),
        body: Type.Optional(Fields),
      }),
      { minItems: 1, maxItems: 25 },
    ),
  }),
  output: Type.Object(
    {
      responses: Type.Array(
        Type.Object({ referenceId: Type.String(), status: Type.Integer(), body: Type.Unknown() }),
      ),
    },
    { additionalProperties: false },
  ),
  async run({ input: { requests, allOrNone = false }, ...context }) {
    const json = {
      allOrNone,
      compositeRequest: requests.map(({ referenceId, method, path, body }) => ({
        referenceId,
        method,
        url: `/services/data/v${apiVersion}${path}`,
        ...(body !== undefined && { body }),
      })),
    };
    // Where all of it reads, it may be read again.
    const isRepeatable = requests.every(({ method }) => method === "GET");
    const reply = await openOrg(context).ask<CompositeReply>("/composite", {
      method: "POST",
      json,
      isRepeatable,
    });
    return {
      responses: reply.compositeResponse.map(({ referenceId, httpStatusCode, body }) => ({
        referenceId,
        status: httpStatusCode,
        body: body ?? null,
      })),
    };
  },
});

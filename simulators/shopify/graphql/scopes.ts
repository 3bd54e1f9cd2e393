import { GraphQLError } from "graphql";

/** What the fields of queries and mutations are about, as scopes name it. Of others nobody needs to have one. */
const subjects: [RegExp, string][] = [
  [/^product/, "products"],
  [/^order/, "orders"],
  [/^customer/, "customers"],
  [/^inventory/, "inventory"],
  [/^location/, "locations"],
  [/^fulfillmentOrder/, "merchant_managed_fulfillment_orders"],
  [/^fulfillment/, "fulfillments"],
];

/** @throws GraphQLError ACCESS_DENIED; to write includes to read (https://shopify.dev/docs/api/usage/access-scopes) */
export function checkScope(scopes: readonly string[], field: string, isMutation: boolean): void {
  const subject = subjects.find(([pattern]) => pattern.test(field))?.[1];
  if (subject === undefined) return;
  const enough = isMutation ? [`write_${subject}`] : [`read_${subject}`, `write_${subject}`];
  if (enough.some((scope) => scopes.includes(scope))) return;
  const requiredAccess = `\`${enough[0]}\` access scope.`;
  throw new GraphQLError(`Access denied for ${field} field. Required access: ${requiredAccess}`, {
    extensions: {
      code: "ACCESS_DENIED",
      documentation: "https://shopify.dev/api/usage/access-scopes",
      requiredAccess,
    },
  });
}

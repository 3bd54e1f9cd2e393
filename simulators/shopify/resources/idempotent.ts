import { GraphQLError, type GraphQLResolveInfo, getDirectiveValues } from "graphql";
import type { ResolverContext } from "../graphql/execute.ts";
import { type UserError, userError } from "./user-error.ts";

/** What a mutation did under a key: the same again gets the same answer, another input none. */
export interface Remembered {
  input: string;
  answer: object;
}

/**
 * Runs a mutation that has to have `@idempotent` (https://shopify.dev/docs/api/usage/idempotent-requests), at most once for
 * each key.
 *
 * @param field what the payload has none of where it is refused
 * @throws GraphQLError without the directive
 */
export function once<Payload extends { userErrors: UserError[] }>(
  { shop }: ResolverContext,
  { schema, fieldNodes, variableValues, fieldName }: GraphQLResolveInfo,
  input: object,
  field: string,
  run: () => Payload,
): object {
  const directive = schema.getDirective("idempotent");
  const [node] = fieldNodes;
  const values = directive && node && getDirectiveValues(directive, node, variableValues);
  const key = values?.key;
  if (typeof key !== "string" || key === "")
    throw new GraphQLError("The @idempotent directive is required for this mutation but was not provided.", {
      extensions: { code: "BAD_REQUEST" },
    });
  const asked = JSON.stringify([fieldName, input]);
  const known = shop.idempotent.get(key);
  if (known && known.input !== asked)
    return {
      [field]: null,
      userErrors: [
        userError(
          null,
          "The same idempotency key cannot be used with different operation parameters.",
          "IDEMPOTENCY_KEY_PARAMETER_MISMATCH",
        ),
      ],
    };
  if (known) return known.answer;
  const answer = run();
  if (answer.userErrors.length === 0) shop.idempotent.set(key, { input: asked, answer });
  return answer;
}

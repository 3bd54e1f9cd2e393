import {
  type DocumentNode,
  type ExecutionResult,
  execute,
  type GraphQLError,
  getOperationAST,
  getVariableValues,
  Kind,
  parse,
  validate,
} from "graphql";
import { loadSchema } from "../schema/load.ts";
import type { Access, Shop } from "../shops.ts";
import type { ThrottleStatus } from "./bucket.ts";
import { actualCost, mutationsOf, requestedCost } from "./cost.ts";
import { resolveField, resolveType } from "./resolve.ts";

export interface Operation {
  query: string;
  variables: { [name: string]: unknown };
  operationName: string | undefined;
}

/** What resolvers are handed. */
export interface ResolverContext {
  shop: Shop;
  nowMs(): number;
  /** What the app may do; undefined for everything. */
  scopes: readonly string[] | undefined;
  /** In a bulk query lists are whole. */
  isBulk: boolean;
  /** How often a bulk operation is told to be running before it is over. */
  bulkReads: number;
  /** Runs a query with whole lists. */
  runInBulk(query: string): Promise<ExecutionResult>;
  /** Sends a webhook to whoever has subscribed to the topic, such as `orders/create`. */
  tell(topic: string, payload: object): void;
}

/** What the simulator has besides the shop that is asked. */
export interface Surroundings {
  nowMs(): number;
  bulkReads: number;
  tell(shop: Shop, topic: string, payload: object): void;
}

export interface Reply {
  data?: unknown;
  errors?: ReplyError[];
  extensions?: {
    cost: { requestedQueryCost: number; actualQueryCost: number | null; throttleStatus: ThrottleStatus };
  };
}

export interface ReplyError {
  message: string;
  locations?: readonly { line: number; column: number }[] | undefined;
  path?: readonly (string | number)[] | undefined;
  extensions?: { [name: string]: unknown };
}

/** No query may cost more, however much the bucket holds. */
const maxQueryCost = 1_000;

/** Answers one operation as Shopify does: checked against its schema, priced, throttled, then run. */
export async function runOperation(
  { query, variables, operationName }: Operation,
  { shop, bucket, scopes }: Access,
  { nowMs, bulkReads, tell }: Surroundings,
): Promise<Reply> {
  const schema = loadSchema();
  const document = parseOr(query);
  if ("message" in document) return { errors: [toReplyError(document)] };
  const invalid = validate(schema, document);
  if (invalid.length > 0) return { errors: invalid.map(toReplyError) };
  const operation = getOperationAST(document, operationName);
  if (!operation) return { errors: [{ message: "An operation name is required" }] };

  const fragments = new Map(
    document.definitions.flatMap((one) =>
      one.kind === Kind.FRAGMENT_DEFINITION ? [[one.name.value, one] as const] : [],
    ),
  );
  const given = getVariableValues(schema, operation.variableDefinitions ?? [], variables);
  if (!given.variableValues) return { errors: given.errors.map(toInvalidVariable) };
  const requestedQueryCost = requestedCost({ schema, operation, fragments, variables: given.variableValues });
  const costs = (actualQueryCost: number | null) => ({
    extensions: { cost: { requestedQueryCost, actualQueryCost, throttleStatus: bucket.status() } },
  });
  if (requestedQueryCost > maxQueryCost) return { errors: [tooCostly(requestedQueryCost)] };
  if (!bucket.take(requestedQueryCost)) return { errors: [throttled], ...costs(null) };

  const contextValue: ResolverContext = {
    shop,
    nowMs,
    scopes,
    isBulk: false,
    bulkReads,
    runInBulk: async (text) =>
      execute({
        schema,
        document: parse(text),
        contextValue: { ...contextValue, isBulk: true },
        fieldResolver: resolveField,
        typeResolver: resolveType,
      }),
    tell: (topic, payload) => tell(shop, topic, payload),
  };
  const result: ExecutionResult = await execute({
    schema,
    document,
    contextValue,
    variableValues: variables,
    operationName,
    fieldResolver: resolveField,
    typeResolver: resolveType,
  });
  const actual = actualCost(result.data, requestedQueryCost, mutationsOf(operation));
  bucket.refund(requestedQueryCost - actual);
  return {
    ...(result.errors && { errors: result.errors.map(toReplyError) }),
    ...(result.data !== undefined && { data: result.data }),
    ...costs(actual),
  };
}

function parseOr(query: string): DocumentNode | GraphQLError {
  try {
    return parse(query);
  } catch (error) {
    return error as GraphQLError;
  }
}

const throttled: ReplyError = {
  message: "Throttled",
  extensions: { code: "THROTTLED", documentation: "https://shopify.dev/api/usage/rate-limits" },
};

function tooCostly(cost: number): ReplyError {
  return {
    message: `Query cost is ${cost}, which exceeds the single query max cost limit (${maxQueryCost}).`,
    extensions: {
      code: "MAX_COST_EXCEEDED",
      cost,
      maxCost: maxQueryCost,
      documentation: "https://shopify.dev/api/usage/rate-limits",
    },
  };
}

const toInvalidVariable = ({ message, locations }: GraphQLError): ReplyError => ({
  message,
  locations,
  extensions: { code: "INVALID_VARIABLE" },
});

function toReplyError({ message, locations, path, extensions }: GraphQLError): ReplyError {
  return { message, locations, path, ...(Object.keys(extensions).length > 0 && { extensions }) };
}

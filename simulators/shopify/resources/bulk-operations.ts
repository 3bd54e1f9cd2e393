import { randomBytes } from "node:crypto";
import { GraphQLError, getOperationAST, parse, validate, visit } from "graphql";
import type { ResolverContext } from "../graphql/execute.ts";
import type { Resolvers } from "../graphql/resolve.ts";
import { loadSchema } from "../schema/load.ts";
import { toLines } from "./bulk-lines.ts";
import { now } from "./now.ts";
import { userError } from "./user-error.ts";

/** https://shopify.dev/docs/api/admin-graphql/2026-10/objects/BulkOperation */
export interface BulkOperation {
  id: string;
  query: string;
  status: string;
  type: string;
  errorCode: string | null;
  /** JSON Lines, once it is there. */
  lines: string[];
  rootObjects: number;
  /** Opens the result's address. */
  signature: string;
  /** How often it is still told to be running. */
  readsLeft: number;
  createdAt: string;
  completedAt: string | null;
  updatedAt: string;
}

/** https://shopify.dev/docs/api/usage/bulk-operations/queries */
const mostAtATime = 5;
const mostConnections = 5;
const mostDeep = 2;

const bucket = "shopify-tiers-assets-prod-us-east1";
const isOver = ({ status }: BulkOperation) => ["COMPLETED", "CANCELED", "FAILED"].includes(status);

const urlOf = ({ id, lines, signature }: BulkOperation) =>
  lines.length === 0
    ? null
    : `https://storage.googleapis.com/${bucket}/bulk-operation-outputs/${id.split("/").at(-1)}.jsonl?Signature=${signature}`;

/** Why a query cannot be run in bulk; undefined if it can. */
function refusalOf(query: string): string | undefined {
  const schema = loadSchema();
  try {
    const document = parse(query);
    const [invalid] = validate(schema, document);
    if (invalid) return `Invalid bulk query: ${invalid.message}`;
    if (getOperationAST(document)?.operation !== "query") return "Bulk queries must be queries.";
    let [connections, deep, deepest] = [0, 0, 0];
    visit(document, {
      Field: {
        enter({ name }) {
          if (name.value !== "edges" && name.value !== "nodes") return;
          connections++;
          deepest = Math.max(deepest, ++deep);
        },
        leave({ name }) {
          if (name.value === "edges" || name.value === "nodes") deep--;
        },
      },
    });
    if (connections === 0) return "Bulk queries must contain at least one connection.";
    if (connections > mostConnections)
      return `Bulk queries cannot contain more than ${mostConnections} connections.`;
    if (deepest > mostDeep) return `Bulk queries cannot nest connections deeper than ${mostDeep} levels.`;
    return undefined;
  } catch (error) {
    return `Invalid bulk query: ${(error as Error).message}`;
  }
}

async function start(context: ResolverContext, query: string, groupObjects: boolean) {
  const { shop } = context;
  const refuse = (message: string, code: string) => ({
    bulkOperation: null,
    userErrors: [userError(["query"], message, code)],
  });
  const running = [...shop.tables.BulkOperation.values()].filter((one) => !isOver(one));
  if (running.length >= mostAtATime)
    return refuse(
      "A bulk query operation for this app and shop is already in progress.",
      "OPERATION_IN_PROGRESS",
    );
  const refusal = refusalOf(query);
  if (refusal !== undefined) return refuse(refusal, "INVALID");
  const result = await context.runInBulk(query);
  const [failed] = result.errors ?? [];
  if (failed?.extensions.code === "NOT_SIMULATED") throw new GraphQLError(failed.message, failed);
  const { lines, rootObjects } = toLines(result.data, groupObjects);
  const at = now(context);
  const operation: BulkOperation = {
    id: shop.newId("BulkOperation"),
    query,
    status: "CREATED",
    type: "QUERY",
    errorCode: failed ? "ACCESS_DENIED" : null,
    lines,
    rootObjects,
    signature: randomBytes(16).toString("hex"),
    readsLeft: context.bulkReads,
    createdAt: at,
    completedAt: null,
    updatedAt: at,
  };
  shop.tables.BulkOperation.set(operation.id, operation);
  return { bulkOperation: operation, userErrors: [] };
}

/** As it is when somebody looks: that is what moves it on. */
function look(context: ResolverContext, id: string): BulkOperation | null {
  const { BulkOperation: table } = context.shop.tables;
  const known = table.get(id);
  if (!known || isOver(known)) return known ?? null;
  const next: BulkOperation =
    known.status === "CANCELING"
      ? { ...known, status: "CANCELED", lines: [], completedAt: now(context) }
      : known.readsLeft > 0
        ? { ...known, status: "RUNNING", readsLeft: known.readsLeft - 1 }
        : { ...known, status: known.errorCode ? "FAILED" : "COMPLETED", completedAt: now(context) };
  table.set(id, next);
  if (isOver(next))
    context.tell("bulk_operations/finish", {
      admin_graphql_api_id: id,
      status: next.status.toLowerCase(),
      error_code: next.errorCode?.toLowerCase() ?? null,
      type: "query",
      created_at: next.createdAt,
      completed_at: next.completedAt,
    });
  return next;
}

export const bulkOperationResolvers: Resolvers = {
  QueryRoot: { bulkOperation: (_source, { id }: { id: string }, context) => look(context, id) },
  BulkOperation: {
    objectCount: (one: BulkOperation) => String(isOver(one) ? one.lines.length : 0),
    rootObjectCount: (one: BulkOperation) => String(isOver(one) ? one.rootObjects : 0),
    fileSize: (one: BulkOperation) => (isOver(one) ? String(Buffer.byteLength(one.lines.join("\n"))) : null),
    url: (one: BulkOperation) => (one.status === "COMPLETED" ? urlOf(one) : null),
    partialDataUrl: (one: BulkOperation) => (one.status === "FAILED" ? urlOf(one) : null),
  },
  Mutation: {
    bulkOperationRunQuery: (_source, args: { query: string; groupObjects: boolean }, context) =>
      start(context, args.query, args.groupObjects),
    bulkOperationCancel(_source, { id }: { id: string }, { shop }) {
      const known = shop.tables.BulkOperation.get(id);
      if (!known)
        return { bulkOperation: null, userErrors: [userError(["id"], "Bulk operation does not exist")] };
      if (isOver(known))
        return {
          bulkOperation: known,
          userErrors: [userError(["id"], "A bulk operation cannot be canceled when it is not running.")],
        };
      const bulkOperation = { ...known, status: "CANCELING" };
      shop.tables.BulkOperation.set(id, bulkOperation);
      return { bulkOperation, userErrors: [] };
    },
  },
};

import { NotFoundError, type Page, VendorError } from "@plugboard/plugin-sdk";
import { type Admin, ask, type Variables } from "./admin.ts";
import { throwUserErrors, type UserError } from "./user-errors.ts";

/**
 * What all documents of this plugin have in common: a list is called `records` in them, what is read or written `record`,
 * and the payload of a mutation `written`. So these functions serve every resource.
 */
export interface Connection<Node> {
  nodes: Node[];
  pageInfo: { hasNextPage: boolean; endCursor: string | null };
}

/** https://shopify.dev/docs/api/usage/pagination-graphql */
const mostAtOnce = 250;

/**
 * One page of a list.
 *
 * @param most records at once, where the document costs too much for {@link mostAtOnce}: a query may cost 1,000 points
 */
export async function list<Node>(
  admin: Admin,
  document: string,
  {
    cursor,
    limit,
    most = mostAtOnce,
    ...variables
  }: Variables & { cursor: string | null; limit: number; most?: number },
): Promise<Page<Node>> {
  const first = Math.min(limit, most);
  const { records } = await ask<{ records: Connection<Node> }>(admin, document, {
    first,
    after: cursor,
    ...variables,
  });
  return toPage(records);
}

/** One page of what belongs to a record, such as its metafields: in such documents the list stands within `record`. */
export async function listOf<Node>(
  admin: Admin,
  document: string,
  {
    id,
    cursor,
    limit,
    most = mostAtOnce,
    ...variables
  }: Variables & { id: string; cursor: string | null; limit: number; most?: number },
): Promise<Page<Node>> {
  const first = Math.min(limit, most);
  const { record } = await ask<{ record: { records?: Connection<Node> } | null }>(admin, document, {
    id,
    first,
    after: cursor,
    ...variables,
  });
  if (!record?.records) throw notFound(id);
  return toPage(record.records);
}

/** @throws NotFoundError */
export async function get<Node>(admin: Admin, document: string, id: string): Promise<Node> {
  const { record } = await ask<{ record: Node | null }>(admin, document, { id });
  if (!record) throw notFound(id);
  return record;
}

/**
 * Runs a mutation, and answers what it wrote.
 *
 * @param idempotencyKey as `ask` takes it, for mutations with `@idempotent(key: $idempotencyKey)`
 * @throws PluginError also for what the mutation tells in `userErrors`
 */
export async function write<Written>(
  admin: Admin,
  document: string,
  variables: Variables,
  idempotencyKey?: string,
): Promise<Written> {
  const { written } = await ask<{ written: { record?: Written | null; userErrors: UserError[] } | null }>(
    admin,
    document,
    { ...variables, ...(idempotencyKey !== undefined && { idempotencyKey }) },
    idempotencyKey,
  );
  if (!written) throw new VendorError("Shopify does not say what became of the change.");
  throwUserErrors(written.userErrors);
  if (written.record === null || written.record === undefined)
    throw new VendorError("Shopify does not say what was written.");
  return written.record;
}

function toPage<Node>({ nodes, pageInfo }: Connection<Node>): Page<Node> {
  return { items: nodes, nextCursor: pageInfo.hasNextPage ? pageInfo.endCursor : null };
}

function notFound(id: string): NotFoundError {
  return new NotFoundError(`The store has no ${id}.`);
}

import { action, NotFoundError, type Static, Type, VendorError } from "@plugboard/plugin-sdk";
import type { Admin } from "../api/admin.ts";
import { idOf } from "../api/ids.ts";
import { get, write } from "../api/records.ts";
import { Id, Key, MaybeText, MaybeTime, Text, Time } from "../api/shapes.ts";
import { readPage, saveResult } from "./bulk-result.ts";

const fields = `fragment BulkOperation on BulkOperation {
  id status errorCode objectCount rootObjectCount fileSize createdAt completedAt
}`;

export const documents = {
  start: `mutation StartBulkQuery($query: String!, $groupObjects: Boolean!) {
    written: bulkOperationRunQuery(query: $query, groupObjects: $groupObjects) {
      record: bulkOperation { ...BulkOperation } userErrors { field message code }
    }
  } ${fields}`,
  get: `query GetBulkOperation($id: ID!) { record: bulkOperation(id: $id) { ...BulkOperation } } ${fields}`,
  /** The address of the result opens it to whoever has it: it is read here, and never given out. */
  result: `query GetBulkResult($id: ID!) {
    record: bulkOperation(id: $id) { ...BulkOperation url partialDataUrl }
  } ${fields}`,
  cancel: `mutation CancelBulkOperation($id: ID!) {
    written: bulkOperationCancel(id: $id) { record: bulkOperation { ...BulkOperation } userErrors { field message } }
  } ${fields}`,
};

const BulkOperation = Type.Object({
  id: Id,
  status: Type.String({
    description: "CREATED, RUNNING, COMPLETED, CANCELING, CANCELED, FAILED or EXPIRED",
  }),
  errorCode: MaybeText,
  objectCount: Text,
  rootObjectCount: Text,
  fileSize: Type.Nullable(Text),
  createdAt: Time,
  completedAt: MaybeTime,
});
type BulkOperation = Static<typeof BulkOperation>;

export const startBulkQuery = action({
  title: "Start a bulk query",
  description:
    "Has Shopify read all records of a query in the background, at no cost in points. Follow it with get-bulk-operation until it is COMPLETED, then read it with read-bulk-result.",
  input: Type.Object({
    query: Type.String({
      minLength: 1,
      maxLength: 100_000,
      description:
        "A GraphQL query with one to five connections and no pages, such as { products { edges { node { id } } } }",
    }),
    groupObjects: Type.Optional(
      Type.Boolean({ default: false, description: "Puts what belongs to a record right behind it" }),
    ),
  }),
  output: BulkOperation,
  run: ({ input: { query, groupObjects = false }, ...admin }) =>
    write<BulkOperation>(admin, documents.start, { query, groupObjects }),
});

export const getBulkOperation = action({
  title: "Get a bulk operation",
  input: Type.Object({ id: Key }),
  output: BulkOperation,
  run: ({ input, ...admin }) => get<BulkOperation>(admin, documents.get, idOf("BulkOperation", input.id)),
});

export const cancelBulkOperation = action({
  title: "Cancel a bulk operation",
  input: Type.Object({ id: Key }),
  output: BulkOperation,
  run: ({ input, ...admin }) =>
    write<BulkOperation>(admin, documents.cancel, { id: idOf("BulkOperation", input.id) }),
});

export const readBulkResult = action({
  title: "Read the result of a bulk query",
  description:
    "Objects in the order in which Shopify wrote them, page by page; what belongs to another has its id as __parentId. Of an operation that failed, what was there by then.",
  input: Type.Object({
    id: Key,
    limit: Type.Optional(Type.Integer({ minimum: 1, maximum: 5000, default: 1000 })),
    cursor: Type.Optional(Type.String({ pattern: "^\\d{1,20}:\\d{1,15}$" })),
  }),
  output: Type.Object({
    items: Type.Array(Type.Record(Type.Unknown())),
    nextCursor: Type.Nullable(Type.String()),
    isPartial: Type.Boolean({ description: "The operation failed before it had everything" }),
  }),
  async run({ input: { id, limit = 1000, cursor }, files, storage, ...admin }) {
    const { url, isPartial } = await findResult(admin, id);
    if (url === null) return { items: [], nextCursor: null, isPartial };
    const result = { id: idOf("BulkOperation", id), url };
    return { ...(await readPage({ files, storage }, result, { cursor, limit })), isPartial };
  },
});

export const saveBulkResult = action({
  title: "Save the result of a bulk query as a file",
  description:
    "All of it at once, as JSON Lines: take it out with GET /api/v1/files/{file}/content, or hand it to another plugin. Nothing there, no file.",
  input: Type.Object({ id: Key }),
  output: Type.Object({
    file: Type.Nullable(Type.File()),
    size: Type.Integer({ description: "In bytes" }),
    isPartial: Type.Boolean({ description: "The operation failed before it had everything" }),
  }),
  async run({ input: { id }, files, ...admin }) {
    const { url, isPartial } = await findResult(admin, id);
    if (url === null) return { file: null, size: 0, isPartial };
    const { id: file, size } = await saveResult(files, url);
    return { file, size, isPartial };
  },
});

/** Where the result is; null: the query found nothing. @throws NotFoundError, VendorError */
async function findResult(admin: Admin, id: string): Promise<{ url: string | null; isPartial: boolean }> {
  const { status, url, partialDataUrl, objectCount } = await get<
    BulkOperation & { url: string | null; partialDataUrl: string | null }
  >(admin, documents.result, idOf("BulkOperation", id));
  if (status === "COMPLETED" && url === null && objectCount === "0") return { url: null, isPartial: false };
  const place = url ?? partialDataUrl;
  if (place === null && status === "COMPLETED")
    throw new NotFoundError("Shopify keeps results for seven days, and no longer has this one.");
  if (place === null) throw new VendorError(`The bulk operation is ${status}: there is nothing to read.`);
  return { url: place, isPartial: url === null };
}

import assert from "node:assert/strict";
import { test } from "node:test";
import { decodeCursor, encodeCursor, page, pageQuery, route } from "@plugboard/service-kit/http";
import { Type } from "typebox";
import { problem, serve } from "./test-app.ts";

const names = Array.from({ length: 120 }, (_, i) => `n${String(i).padStart(3, "0")}`);
const Position = Type.Object({ after: Type.String() });

const list = route({
  method: "GET",
  path: "/names",
  operationId: "listNames",
  summary: "Names, by page",
  tags: ["test"],
  access: "public",
  query: Type.Object({ ...pageQuery }),
  responses: { 200: { description: "A page.", schema: page(Type.String()) } },
  errors: [],
  async handler({ query: { limit, cursor } }) {
    const after = cursor === undefined ? "" : decodeCursor(cursor, Position).after;
    const rest = names.filter((name) => name > after);
    const items = rest.slice(0, limit);
    const last = rest.length > limit ? items.at(-1) : undefined;
    return {
      status: 200,
      body: { items, nextCursor: last === undefined ? null : encodeCursor({ after: last }) },
    };
  },
});

interface Names {
  items: string[];
  nextCursor: string | null;
}

test("a list is read page by page, 50 at a time or as many as asked, up to 100", async (t) => {
  const app = await serve(t, [list]);
  const read = async (query: string) => (await (await app.fetch(`/names${query}`)).json()) as Names;
  assert.equal((await read("")).items.length, 50);
  const all: string[] = [];
  let cursor: string | null = "";
  while (cursor !== null) {
    const one: Names = await read(`?limit=35${cursor ? `&cursor=${cursor}` : ""}`);
    all.push(...one.items);
    cursor = one.nextCursor;
  }
  assert.deepEqual(all, names);
  for (const limit of ["0", "101", "-1", "1.5", "x", ""]) {
    assert.equal((await app.fetch(`/names?limit=${limit}`)).status, 422, limit);
  }
});

test("a cursor that is not of this list is 422, and says what to do", async (t) => {
  const app = await serve(t, [list]);
  const cursors = [
    "x",
    "e30",
    encodeCursor({ before: "a" }),
    encodeCursor({ after: 5 }),
    encodeCursor({ after: "a\0" }),
    encodeCursor(null),
    "%F0%9F%98%80",
  ];
  for (const cursor of [...cursors, "a".repeat(1_025)]) {
    const response = await app.fetch(`/names?cursor=${cursor}`);
    assert.equal(response.status, 422, cursor);
    const { code, problems } = await problem(response);
    assert.equal(code, "invalid-request");
    assert.equal((problems as { pointer: string }[])[0]?.pointer, "/cursor");
  }
});

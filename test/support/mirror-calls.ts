import type { Json } from "@plugboard/plugin-sdk";
import type { TestWrite } from "@plugboard/plugin-sdk/testing";
import type { Outcome, Side } from "./mirror.ts";

/** A call by its name, and how it is made in whichever host. */
export type MirrorCall = [what: string, make: (side: Side) => Promise<Outcome>];

const url = (path: string) => `https://api.mirror.test${path}`;

const run = (action: string, input: { [name: string]: Json | object } = {}): MirrorCall => [
  `${action} ${JSON.stringify(input).slice(0, 80)}`,
  (side) => side.run(action, input),
];

const entity = (name: string, operation: string, args: { [member: string]: Json } = {}): MirrorCall => [
  `${name}.${operation} ${JSON.stringify(args)}`,
  (side) => side.entity(name, operation, args),
];

const batch = (name: string, ...writes: TestWrite[]): MirrorCall => [
  `${name} ${JSON.stringify(writes)}`,
  (side) => side.batch(name, writes),
];

const poll = (trigger: string, config: { [field: string]: Json } = {}): MirrorCall => [
  `${trigger} ${JSON.stringify(config)}`,
  (side) => side.poll(trigger, config),
];

const classes = [
  "ConflictError",
  "ForbiddenError",
  "InvalidInputError",
  "NotFoundError",
  "RateLimitedError",
  "TypeError",
  "UnauthorizedError",
  "VendorError",
  "VendorUnavailableError",
];

const requests: { [what: string]: [path: string, init?: object] } = {
  "a reply with everything": ["/say/teapot"],
  "a redirect": ["/say/moved"],
  "a redirect of a POST": ["/say/moved", { method: "POST", body: "x" }],
  "no body": ["/say/empty"],
  "a HEAD": ["/say/arrived", { method: "HEAD" }],
  cookies: ["/say/cookies"],
  "an echo of the credential": ["/say/secret"],
  "headers of every sort": [
    "/echo",
    { method: "POST", body: "x=1", headers: { Authorization: "mine", "X-Key": "mine", "X-Other": "a" } },
  ],
  "a JSON body": [
    "/echo",
    { method: "POST", body: '{"a":"ü"}', headers: { "Content-Type": "application/json", Accept: "*/*" } },
  ],
};

const refusals: [path: string, init?: object][] = [
  ["/say/moved-away"],
  ["/say/moved-to-http"],
  ["/say/around"],
  ["/other"],
  ["/say/a%2fb"],
  ["/say/arrived", { method: "PATCH" }],
  ...[
    "Cookie",
    "X-HTTP-Method-Override",
    "x_http_method_override",
    "Proxy-Authorization",
    "Range",
    "Via",
  ].map((name): [string, object] => ["/say/arrived", { headers: { [name]: "x" } }]),
];

const strangers = [
  "http://api.mirror.test/say/arrived",
  "https://me@api.mirror.test/say/arrived",
  "https://127.0.0.1/",
  "data:,x",
  "not a URL",
];

/** Requests after which a write fails, and so whether it may have been made. */
const attempts: { method: string; path: string; body?: string }[][] = [
  [],
  [{ method: "GET", path: "/say/arrived" }],
  [{ method: "POST", path: "/say/arrived" }],
  [{ method: "POST", path: "/say/nothing" }],
  [
    { method: "POST", path: "/say/nothing" },
    { method: "PUT", path: "/say/arrived" },
  ],
  [{ method: "POST", path: "/say/slow" }],
  [{ method: "POST", path: "/say/broken" }],
  [{ method: "POST", path: "/say/locked" }],
  [{ method: "POST", path: "/say/moved" }],
  [{ method: "POST", path: "/other" }],
  [{ method: "POST", path: "/say/graphql", body: '{"query":"{ shop }"}' }],
  [{ method: "POST", path: "/say/graphql", body: '{"query":"mutation { shop }"}' }],
];

const doubted = (...paths: string[]): MirrorCall =>
  batch("attempt", {
    op: "create",
    record: { requests: paths.map((path) => ({ method: "POST", path })), code: "vendor-unavailable" },
  });

/** Writes of which the plugin says that it cannot tell what came of them, and what is told of it. */
export const doubts: [status: string, call: MirrorCall][] = [
  ["failed", doubted()],
  ["failed", doubted("/say/locked")],
  ["unknown", doubted("/say/nothing")],
  ["unknown", doubted("/say/nothing", "/say/locked")],
  [
    "unknown",
    batch(
      "widget",
      { op: "update", key: "none", record: { name: "doubted" } },
      { op: "update", key: "nobody", record: { name: "x" } },
    ),
  ],
];

/** What a plugin is asked for in both hosts, in this order. */
export const mirrorCalls: MirrorCall[] = [
  run("context"),
  run("ungranted"),
  ...[1, "ü", null, [true, { deep: [] }]].map((value) => run("echo", { value })),
  run("none"),
  run("strict", { id: "abc" }),
  run("strict", { id: "a", size: 1.5, more: 1 }),
  run("strict", { id: "abcd" }),
  run("strict"),
  ...classes.map((name) => run("fail", { class: name, message: `of ${name}` })),
  run("fail", { class: "NotFoundError", message: "x", options: { details: { id: [1] } } }),
  run("fail", { class: "RateLimitedError", message: "x", options: { retryAfterMs: 1_500 } }),
  ...["text", "undefined", null, { code: "not-found", message: "no class" }, { code: "own-code" }].map(
    (what) => run("throw", { what }),
  ),
  run("spin"),
  run("nothing"),
  run("circle"),
  run("large", { length: 5 * 1024 * 1024 }),
  ...Object.values(requests).map(([path, init = {}]) => run("fetch", { url: url(path), init })),
  ...refusals.map(([path, init = {}]) => run("caught", { url: url(path), init })),
  ...strangers.map((one) => run("caught", { url: one, init: {} })),
  run("fetch", { url: url("/other"), init: {} }),
  entity("widget", "create", { record: { name: "one", size: 1 } }),
  entity("widget", "create", { record: { name: "two", size: 2 } }),
  entity("widget", "create", { record: { name: "taken", size: 2 } }),
  entity("widget", "create", { record: { name: "", sized: 2 } }),
  entity("widget", "upsert", { key: "a/b ü", record: { name: "odd", size: 2 } }),
  entity("widget", "get", { key: "a/b ü" }),
  entity("widget", "update", { key: "w1", changes: { size: 7 } }),
  entity("widget", "update", { key: "w1", changes: { size: "7", id: "x" } }),
  entity("widget", "update", { key: "none", changes: { size: 7 } }),
  entity("widget", "get", { key: "w1" }),
  entity("widget", "list", { limit: 10 }),
  entity("widget", "list", { limit: 10, filter: { size: 2 } }),
  entity("widget", "list", { limit: 10, filter: { colour: "red" } }),
  entity("widget", "list", { limit: 10, updatedSince: "2026-01-01T00:00:00Z" }),
  entity("widget", "changesSince", { limit: 1 }),
  entity("widget", "changesSince", { limit: 10 }),
  entity("wrong", "changesSince", { limit: 1 }),
  batch("widget", { op: "create", record: { name: "three", size: 3 } }),
  batch(
    "widget",
    { op: "update", key: "w1", record: { name: "uno" } },
    { op: "update", key: "none", record: { name: "x" } },
    { op: "update", key: "w2", record: { size: "2", id: "x" } },
    { op: "update", key: "w1", record: { name: "again" } },
    { op: "upsert", key: "own", record: { name: "own", size: 9 } },
    { op: "upsert", key: "odd", record: { name: "odd", size: "9" } },
    { op: "create", key: "own", record: { name: "x", size: 1 } },
    { op: "remove", key: "gone" },
  ),
  batch(
    "widget",
    { op: "update", key: "w1", record: { size: 404 } },
    { op: "update", key: "w2", record: {} },
  ),
  batch("widget", { op: "update", key: "w1", record: { size: 1 } }, { op: "update", key: "w2", record: {} }),
  ...attempts.map((requests) => batch("attempt", { op: "create", record: { requests } })),
  batch("attempt", {
    op: "create",
    record: { requests: [{ method: "POST", path: "/say/arrived" }], code: "conflict" },
  }),
  ...doubts.map(([, call]) => call),
  batch("wrong", { op: "remove", key: "x" }),
  batch("none", { op: "remove", key: "x" }),
  entity("widget", "remove", { key: "w1" }),
  entity("widget", "remove", { key: "w1" }),
  entity("widget", "get", { key: "w1" }),
  entity("wrong", "list", { limit: 1 }),
  entity("wrong", "list", { limit: 3 }),
  entity("wrong", "changesSince", { limit: 3 }),
  entity("wrong", "get", { key: "x" }),
  entity("none", "get", { key: "x" }),
  poll("row"),
  poll("row", { least: 3 }),
  poll("row", { least: "3", most: 1 }),
  poll("none"),
];

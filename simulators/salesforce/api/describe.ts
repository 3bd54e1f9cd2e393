import { describe, describeGlobally } from "../schema/describe.ts";
import { ok, type Resource } from "./resource.ts";

export const describeResources: Resource[] = [
  {
    method: "GET",
    path: /^\/?$/,
    run: ({ base }) =>
      ok(
        Object.fromEntries(
          ["sobjects", "query", "queryAll", "composite", "jobs", "limits"].map((name) => [
            name,
            `${base}/${name}`,
          ]),
        ),
      ),
  },
  {
    method: "GET",
    path: /^\/sobjects\/?$/,
    run: ({ org, base }) =>
      ok({
        encoding: "UTF-8",
        maxBatchSize: 200,
        sobjects: org.objects.map((object) => describeGlobally(object, base)),
      }),
  },
  {
    method: "GET",
    path: /^\/sobjects\/(\w+)\/describe\/?$/,
    run: ({ org, base }, name) => ok(describe(org.object(name ?? ""), base, org.objects)),
  },
  {
    method: "GET",
    path: /^\/sobjects\/(\w+)\/?$/,
    run: ({ org, base }, name) =>
      ok({ objectDescribe: describeGlobally(org.object(name ?? ""), base), recentItems: [] }),
  },
];

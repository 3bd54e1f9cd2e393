import { malformedQuery } from "../errors.ts";
import { firstPage, nextPage, runSoql } from "../soql/index.ts";
import { type Call, ok, type Resource } from "./resource.ts";

/** What the API gives at once, if it is not asked for less: 200 at least. */
const mostAtOnce = 2_000;
const fewestAtOnce = 200;

/** @param largest as many as the stand-in was set to give at once */
export function queryResources({ largest = mostAtOnce }: { largest?: number | undefined }): Resource[] {
  const batchSize = (call: Call): number => {
    const asked = /batchSize=(\d+)/.exec(call.header("Sforce-Query-Options"))?.[1];
    return asked === undefined ? largest : Math.min(Math.max(Number(asked), fewestAtOnce), largest);
  };
  return [
    {
      method: "GET",
      path: /^\/(query|queryAll)\/?$/,
      run(call, resource = "query") {
        const { org, base, query } = call;
        const soql = query.get("q");
        if (soql === null) throw malformedQuery("A query string has to be specified");
        const result = runSoql(org, soql, { base, all: resource === "queryAll" });
        if (result.kind === "count") return ok({ totalSize: result.totalSize, done: true, records: [] });
        return ok(firstPage(call, result, batchSize(call), `${base}/query`));
      },
    },
    {
      method: "GET",
      path: /^\/(?:query|queryAll)\/([\w-]+)$/,
      run: (call, locator) => ok(nextPage(call.org, locator ?? "", batchSize(call), `${call.base}/query`)),
    },
  ];
}

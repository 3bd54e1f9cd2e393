import { ok, type Resource } from "./resource.ts";

/** https://developer.salesforce.com/docs/atlas.en-us.api_rest.meta/api_rest/resources_limits.htm */
export const limitResources: Resource[] = [
  {
    method: "GET",
    path: /^\/limits\/?$/,
    run: ({ org }) =>
      ok({
        DailyApiRequests: { Max: org.maxApiRequests, Remaining: org.maxApiRequests - org.apiRequests },
        DailyBulkV2QueryJobs: { Max: 10_000, Remaining: 10_000 - countOf(org.jobs, "query") },
        DailyBulkApiBatches: { Max: 15_000, Remaining: 15_000 - countOf(org.jobs, "ingest") },
        DataStorageMB: { Max: 1_024, Remaining: 1_023 },
        FileStorageMB: { Max: 1_024, Remaining: 1_024 },
      }),
  },
];

const countOf = (jobs: ReadonlyMap<string, { kind: string }>, kind: string): number =>
  [...jobs.values()].filter((job) => job.kind === kind).length;

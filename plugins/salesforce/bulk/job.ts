import { PluginError, Type } from "@plugboard/plugin-sdk";
import type { Org } from "../api/org.ts";
import { MaybeNumber, MaybeText } from "../api/shapes.ts";

// https://developer.salesforce.com/docs/atlas.en-us.api_asynch.meta/api_asynch/bulk_api_2_0.htm

export const JobId = Type.String({
  pattern: "^[A-Za-z0-9]{15}([A-Za-z0-9]{3})?$",
  description: "A job's id",
});

/** A job, as far as Salesforce says so at the time. */
export const Job = Type.Object(
  {
    id: Type.String(),
    operation: Type.String(),
    object: MaybeText,
    state: Type.String({
      description: "Open, UploadComplete, InProgress, JobComplete, Failed or Aborted",
    }),
    isDone: Type.Boolean({ description: "There is nothing more to wait for" }),
    recordsProcessed: MaybeNumber,
    recordsFailed: MaybeNumber,
    errorMessage: MaybeText,
  },
  { additionalProperties: false },
);

export interface JobReply {
  id: string;
  operation: string;
  object?: string;
  state: string;
  numberRecordsProcessed?: number;
  numberRecordsFailed?: number;
  errorMessage?: string;
}

export function toJob(reply: JobReply) {
  return {
    id: reply.id,
    operation: reply.operation,
    object: reply.object ?? null,
    state: reply.state,
    isDone: ["JobComplete", "Failed", "Aborted"].includes(reply.state),
    recordsProcessed: reply.numberRecordsProcessed ?? null,
    recordsFailed: reply.numberRecordsFailed ?? null,
    errorMessage: reply.errorMessage ?? null,
  };
}

/**
 * Moves a job on. Salesforce refuses what it has done already, so where an answer was lost and the host asks again, that is
 * no failure.
 *
 * @param path of the job
 */
export async function moveJob(
  org: Org,
  path: string,
  state: "UploadComplete" | "Aborted",
): Promise<JobReply> {
  try {
    return await org.ask(path, { method: "PATCH", json: { state }, isRepeatable: true });
  } catch (error) {
    if (!(error instanceof PluginError) || error.code !== "conflict") throw error;
    const job = await org.ask<JobReply>(path);
    if (isAfter[state].includes(job.state)) return job;
    throw error;
  }
}

/** States of a job that was moved there. */
const isAfter = {
  UploadComplete: ["UploadComplete", "InProgress", "JobComplete", "Failed"],
  Aborted: ["Aborted"],
};

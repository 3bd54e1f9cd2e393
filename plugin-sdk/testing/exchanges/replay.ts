import { STATUS_CODES } from "node:http";
import { CapabilityError } from "@plugboard/sandbox";
import type { Send } from "../../egress/index.ts";
import { describeNearest, lineOf } from "./nearest.ts";
import { bodyOf, isSameBody, type RecordedExchange } from "./recorded.ts";
import { recordRequest } from "./request.ts";

const bodyless = [204, 205, 304];

/** Answers each request with the first exchange of its method, URL and body that was not used yet. */
export function createReplay(recorded: readonly RecordedExchange[], path: string): Send {
  const left = new Set(recorded);
  return async (request) => {
    const asked = recordRequest(request);
    const found = [...left].find(
      (one) =>
        one.request.method === asked.method &&
        new URL(one.request.url).href === asked.url &&
        isSameBody(one.request, asked),
    );
    if (!found) {
      const nearest = describeNearest(
        asked,
        recorded.map((one) => one.request),
      );
      throw new CapabilityError(
        "fetch-not-recorded",
        `${path} has no exchange left for ${lineOf(asked)}. ${nearest} If the plugin is right, record anew: plugboard test --record`,
      );
    }
    left.delete(found);
    const { status, headers, statusText = STATUS_CODES[status] ?? "" } = found.response;
    return new Response(bodyless.includes(status) ? null : bodyOf(found.response), {
      status,
      statusText,
      headers,
    });
  };
}

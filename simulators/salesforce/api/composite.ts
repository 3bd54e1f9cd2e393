import { SalesforceError } from "../errors.ts";
import { jsonOf } from "../http/read-body.ts";
import { type Answer, type Call, dispatch, ok, type Resource } from "./resource.ts";

interface Subrequest {
  method?: string;
  url?: string;
  referenceId?: string;
  body?: unknown;
}

interface Subanswer {
  body: unknown;
  httpHeaders: { [name: string]: string };
  httpStatusCode: number;
  referenceId: string;
}

const mostRequests = 25;

/** https://developer.salesforce.com/docs/atlas.en-us.api_rest.meta/api_rest/resources_composite_composite.htm */
export function compositeResource(others: readonly Resource[]): Resource {
  return {
    method: "POST",
    path: /^\/composite\/?$/,
    run(call) {
      const { allOrNone, compositeRequest } = jsonOf(call.body);
      if (!Array.isArray(compositeRequest))
        throw new SalesforceError(400, "INVALID_INPUT", "compositeRequest is missing");
      if (compositeRequest.length > mostRequests)
        throw new SalesforceError(
          400,
          "LIMIT_EXCEEDED",
          "The request can’t be processed: more than 25 subrequests.",
        );
      return ok({
        compositeResponse: runAll(others, call, compositeRequest as Subrequest[], allOrNone === true),
      });
    },
  };
}

function runAll(
  others: readonly Resource[],
  call: Call,
  requests: Subrequest[],
  allOrNone: boolean,
): Subanswer[] {
  const answers: Subanswer[] = [];
  const halt = new Error("One of them failed.");
  try {
    call.org.atomically(() => {
      for (const request of requests) {
        const answer = runOne(others, call, request, answers);
        answers.push(answer);
        if (allOrNone && answer.httpStatusCode >= 400) throw halt;
      }
    });
    return answers;
  } catch (error) {
    if (error !== halt) throw error;
    return requests.map(({ referenceId = "" }, index) => {
      const answer = answers[index];
      return answer && answer.httpStatusCode >= 400 ? answer : halted(referenceId);
    });
  }
}

function runOne(
  others: readonly Resource[],
  call: Call,
  { method = "GET", url = "", referenceId = "", body }: Subrequest,
  before: readonly Subanswer[],
): Subanswer {
  try {
    const filled = new URL(fill(url, before, encodeURIComponent), "https://org.my.salesforce.com");
    if (!filled.pathname.startsWith(`${call.base}/`))
      throw new SalesforceError(400, "INVALID_INPUT", `The subrequest's url must begin with ${call.base}/`);
    const answer: Answer = dispatch(others, {
      ...call,
      method,
      path: filled.pathname.slice(call.base.length),
      query: filled.searchParams,
      body: body === undefined ? "" : fill(JSON.stringify(body), before, inJson),
    });
    const headers = answer.headers ?? {};
    return { body: answer.body ?? null, httpHeaders: headers, httpStatusCode: answer.status, referenceId };
  } catch (error) {
    if (!(error instanceof SalesforceError)) throw error;
    return { body: error.errors, httpHeaders: {}, httpStatusCode: error.status, referenceId };
  }
}

/** Within the quotes of a text. */
const inJson = (value: string): string => JSON.stringify(value).slice(1, -1);

/** Puts in what earlier requests answered: `@{account.id}`. @throws SalesforceError */
function fill(text: string, before: readonly Subanswer[], write: (value: string) => string): string {
  return text.replace(/@\{([^{}]+)\}/g, (whole, path: string) => {
    const [reference = "", ...names] = path.split(/[.[\]]+/).filter(Boolean);
    const answer = before.find(({ referenceId }) => referenceId === reference);
    const value = names.reduce<unknown>(
      (held, name) =>
        typeof held === "object" && held !== null ? (held as { [name: string]: unknown })[name] : undefined,
      answer && answer.httpStatusCode < 400 ? answer.body : undefined,
    );
    if (typeof value === "string" || typeof value === "number") return write(String(value));
    throw new SalesforceError(
      400,
      "PROCESSING_HALTED",
      `Invalid reference specified. No value for ${whole.slice(2, -1)} found in ${reference}`,
    );
  });
}

const halted = (referenceId: string): Subanswer => ({
  body: [
    {
      errorCode: "PROCESSING_HALTED",
      message: "The transaction was rolled back since another operation in the same transaction failed.",
    },
  ],
  httpHeaders: {},
  httpStatusCode: 400,
  referenceId,
});

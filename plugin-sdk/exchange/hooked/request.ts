import type { HookedRequest } from "../../author/index.ts";
import { readRequest } from "../read-request.ts";
import { ExchangeRefusal } from "../refusal.ts";
import { isVendorsToHear } from "../request-headers.ts";
import type { PluginRequest } from "../types.ts";
import { readHookedBody, toHookedBody } from "./body.ts";
import { readHookedHeaders, toHookedHeaders } from "./headers.ts";
import { HookAnswerRefusal } from "./refusal.ts";

const members = ["method", "url", "headers", "json", "text", "withheld"];

/** @param request without what the host authenticates with, and what stands for that */
export function toHookedRequest(request: PluginRequest, maxBytes: number): HookedRequest {
  const { method, url, headers, body } = request;
  return { method, url: url.href, headers: toHookedHeaders(headers), ...toHookedBody(body, maxBytes) };
}

/**
 * The request that a hook answered, held to all that a plugin's own requests are held to, and to more: method, scheme, host
 * and path stay, and so do the headers that are the host's. Whether the permissions cover it is the host's to look at.
 *
 * @param given what was made of `request` for the first hook
 * @param isFixed names of headers that mean something to the host besides
 * @throws HookAnswerRefusal
 */
export function readHookedRequest(
  answer: unknown,
  {
    request,
    given,
    limits,
    isFixed = () => false,
  }: {
    request: PluginRequest;
    given: HookedRequest;
    limits: { maxRequestBytes: number };
    isFixed?: (name: string) => boolean;
  },
): PluginRequest {
  const { method, url, headers, ...body } = membersOf(answer, members);
  if (method !== given.method) throw new HookAnswerRefusal("The method cannot be changed.");
  const checked = asRefusal(() =>
    readRequest(
      {
        method,
        url,
        headers: readHookedHeaders(headers, request.headers, (name) =>
          isFixed(name) || !isVendorsToHear(name) ? "it is the host's to set" : undefined,
        ).map(([name, value]) => [name, value]),
        body: readHookedBody(body, given, request.body),
        redirect: request.redirect,
      },
      limits,
    ),
  );
  if (checked.url.origin !== request.url.origin || checked.url.pathname !== request.url.pathname)
    throw new HookAnswerRefusal("Of the URL only the query can be changed.");
  return checked;
}

export function membersOf(answer: unknown, known: readonly string[]): { [name: string]: unknown } {
  if (typeof answer !== "object" || answer === null || Array.isArray(answer))
    throw new HookAnswerRefusal("The answer must be an object like the value.");
  const unknown = Object.keys(answer).find((name) => !known.includes(name));
  if (unknown === undefined) return { ...answer };
  throw new HookAnswerRefusal(`The answer has ${known.join(", ")}; it has an unknown member as well.`);
}

function asRefusal<T>(work: () => T): T {
  try {
    return work();
  } catch (error) {
    throw error instanceof ExchangeRefusal ? new HookAnswerRefusal(error.message) : error;
  }
}

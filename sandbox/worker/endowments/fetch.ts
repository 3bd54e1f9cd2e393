import { decode, encode } from "../../messages.ts";
import { type ActiveCall, callOfTheMoment } from "../call.ts";
import { whenAborted } from "./abort.ts";
import { type BodyContent, unreadContent } from "./body.ts";
import { codedError } from "./coded-error.ts";
import type { createRequestClass } from "./request.ts";
import type { Reply } from "./response.ts";

export interface FetchKit {
  Request: ReturnType<typeof createRequestClass>;
  fromReply(reply: Reply): unknown;
}

/**
 * `fetch`: asks the host, over the `fetch` capability. It is always there, so that vendors' code loads; a call
 * that was not given the capability gets a rejection with code "capability-not-granted".
 */
export function createFetch({ Request, fromReply }: FetchKit, callFor: () => ActiveCall | undefined) {
  return async function fetch(input: unknown, init?: object): Promise<unknown> {
    const call = callFor();
    if (!call) throw codedError("call-ended", "fetch can only be used while a call runs.");
    const request = new Request(input, init);
    request.signal.throwIfAborted();
    const body: BodyContent = unreadContent(request);
    const { method, url, redirect } = request;
    const argument = { method, url, headers: [...request.headers], body, redirect };
    const { answer, cancel } = call.use("fetch", encode(argument, body instanceof Uint8Array));
    const reply = new Promise<Reply>((resolve, reject) => {
      whenAborted(request.signal, () => {
        cancel();
        reject(request.signal.reason);
      });
      answer.then((encoded) => resolve(decode(encoded) as Reply), reject);
    });
    return fromReply(await reply);
  };
}

export const currentCall = (): ActiveCall | undefined => callOfTheMoment.getStore();

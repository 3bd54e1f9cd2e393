import type { Capability } from "@plugboard/sandbox";
import { readBody, type Send } from "../egress/index.ts";
import { isReading, type JudgedReply, type Refusal, readingFunctions, refusalOf } from "../exchange/index.ts";
import {
  type Json,
  type KnownEffects,
  type ReplyMatch,
  type RequestsDeclaration,
  requestPath,
} from "../manifest/index.ts";

/** What calls of a plugin under test have done besides computing, as far as a host could tell. */
export interface TestEffects {
  /**
   * Begins to look.
   *
   * @returns what is known since: whether something may have been changed, at the vendor, in storage, files or events; what is
   *   under way may come to it
   */
  watch(): () => KnownEffects;
  /** The same way to the vendor, seen. */
  sending(send: Send): Send;
  /** The same functions of a host, seen. */
  telling<Opened extends { functions: { [name: string]: Capability } }>(opened: Opened): Opened;
}

/** @param declared what the plugin says of requests and replies */
export function createTestEffects({ graphql, retries }: RequestsDeclaration = {}): TestEffects {
  const judgement = {
    graphqlPaths: graphql?.paths ?? [],
    retries: { replies: retries?.replies ?? [] },
  };
  let seen = { had: false, refused: false, underWay: 0 };

  /** What was begun under one look counts there, whenever it ends. */
  function begin(): (mayHaveChanged: boolean, isRefused?: boolean) => void {
    const counted = seen;
    counted.underWay++;
    return (mayHaveChanged, isRefused = false) => {
      counted.underWay--;
      counted.had ||= mayHaveChanged;
      counted.refused ||= isRefused;
    };
  }

  return {
    watch() {
      const counted = { had: false, refused: false, underWay: 0 };
      seen = counted;
      return () => ({ had: counted.had || counted.underWay > 0, refused: counted.refused });
    },
    sending: (send) => async (request, signal, sent) => {
      const { method, url, body } = request;
      const judged = { method, path: requestPath(url.pathname), body };
      if (isReading(judged, judgement)) return send(request, signal, sent);
      const end = begin();
      let refusal: Refusal | undefined;
      try {
        const response = await send(request, signal, sent);
        refusal = refusalOf(
          await judgedReply(response, judgement.retries.replies, signal),
          judged,
          judgement,
        );
        return response;
      } finally {
        end(refusal === undefined, refusal === "status");
      }
    },
    telling(opened) {
      const functions = Object.entries(opened.functions).map(([name, run]): [string, Capability] => [
        name,
        async (payload, context) => {
          const end = readingFunctions.includes(name) ? () => {} : begin();
          try {
            return await run(payload, context);
          } finally {
            end(true);
          }
        },
      ]);
      return { ...opened, functions: Object.fromEntries(functions) };
    },
  };
}

/** A larger one says nothing, as in a host. */
const largestBytes = 1024 * 1024;

/** @param replies of which one may say by its body that nothing was done; else no body is read for it */
async function judgedReply(
  response: Response,
  replies: readonly ReplyMatch[],
  signal: AbortSignal,
): Promise<JudgedReply> {
  const { status } = response;
  const isAsked = replies.some(({ nothingDone, at }) => nothingDone && at !== undefined);
  // Of one that breaks off whoever reads it hears.
  const body =
    isAsked && (await readBody(response.clone(), { mostBytes: largestBytes, signal }).catch(() => {}));
  const json = body ? parsed(body.toString()) : undefined;
  return {
    response: { status },
    at(pointer) {
      let value = json;
      for (const token of pointer.slice(1).split("/")) {
        const name = token.replaceAll("~1", "/").replaceAll("~0", "~");
        if (typeof value !== "object" || value === null || !Object.hasOwn(value, name)) return undefined;
        value = (value as { [name: string]: Json })[name];
      }
      return typeof value === "string" || typeof value === "number" ? value : undefined;
    },
    lacks: (member) =>
      typeof json === "object" && json !== null && !Array.isArray(json) && !Object.hasOwn(json, member),
  };
}

function parsed(text: string): Json | undefined {
  try {
    return JSON.parse(text);
  } catch {
    return undefined;
  }
}

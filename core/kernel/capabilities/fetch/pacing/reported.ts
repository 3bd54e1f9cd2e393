import type { Scrubber } from "@plugboard/plugin-sdk/exchange";
import type { ReportedState } from "@plugboard/plugin-sdk/manifest";
import type { Header, VendorResponse } from "../types.ts";
import { numberIn, timeOf } from "./limit-headers.ts";
import type { VendorState } from "./meter.ts";

/** A larger body is not read for its figures: it is parsed on the thread that serves everybody. */
const largestBody = 1024 * 1024;

/** A reply, whose body is read as JSON once at most, and only if somebody asks for what is in it. */
export interface ReadReply {
  /** As it came: not for what a plugin can see the effect of. */
  response: VendorResponse;
  /** Those without a secret in them. */
  headers: readonly Header[];
  /** The text or number at a JSON Pointer (RFC 6901); undefined if there is none, or it has a secret in it. */
  at(pointer: string): string | number | undefined;
  /** Whether the body is an object of JSON without this member. */
  lacks(member: string): boolean;
}

/** @param scrubber knows what must not be read: plugins see figures again, as how long they are to wait */
export function readReply(response: VendorResponse, scrubber: Scrubber): ReadReply {
  let json: { value: unknown } | undefined;
  let isInBody: boolean | undefined;

  /** A number with more digits than it can hold is not what stands in the body. */
  function hidesSecret(value: string | number): boolean {
    if (scrubber.finds(String(value))) return true;
    if (typeof value === "string" || String(value).replace(/\D/g, "").length <= exactDigits) return false;
    isInBody ??= scrubber.finds(response.body.toString("latin1"));
    return isInBody;
  }

  const parsed = () => {
    json ??= { value: parse(response.body) };
    return json.value;
  };

  return {
    response,
    headers: scrubber.finds(response.headers.flat().join("\n"))
      ? response.headers.filter(([, value]) => !scrubber.finds(value))
      : response.headers,
    at(pointer) {
      let value = parsed();
      for (const token of pointer.slice(1).split("/")) {
        const name = token.replaceAll("~1", "/").replaceAll("~0", "~");
        if (typeof value !== "object" || value === null || !Object.hasOwn(value, name)) return undefined;
        value = (value as Record<string, unknown>)[name];
      }
      if (typeof value !== "string" && typeof value !== "number") return undefined;
      return hidesSecret(value) ? undefined : value;
    },
    lacks(member) {
      const value = parsed();
      const isObject = typeof value === "object" && value !== null && !Array.isArray(value);
      return isObject && !Object.hasOwn(value, member);
    },
  };
}

/** Of a decimal number, what a double always keeps. */
const exactDigits = 15;

function parse(body: Buffer): unknown {
  if (body.length === 0 || body.length > largestBody) return undefined;
  try {
    return JSON.parse(body.toString());
  } catch {
    return undefined;
  }
}

/** What the reply says at the places that the author declared. */
export function readReported(reported: ReportedState, reply: ReadReply, now: number): VendorState & Prices {
  const read = (place: string | undefined) => (place === undefined ? undefined : textAt(place, reply));
  const figure = (place: string | undefined) => numberIn(read(place));
  const used = /^\s*(\d+)\s*\/\s*(\d+)/.exec(/\d+\s*\/\s*\d+/.exec(read(reported.used) ?? "")?.[0] ?? "");
  const limit = figure(reported.limit) ?? (used ? Number(used[2]) : undefined);
  const usedFigure = used ? Number(used[1]) : figure(reported.used);
  const left = limit !== undefined && usedFigure !== undefined ? limit - usedFigure : undefined;
  const reset = figure(reported.reset);
  return defined({
    limit,
    remaining: figure(reported.remaining) ?? left,
    resetAt: reset === undefined ? undefined : timeOf(reset, now, reply.headers),
    refillPerSecond: figure(reported.refillPerSecond),
    cost: figure(reported.cost),
    asked: figure(reported.asked),
  });
}

function textAt(place: string, { headers, at }: ReadReply): string | undefined {
  const name = place.startsWith("header:") ? place.slice("header:".length).toLowerCase() : undefined;
  const found = name === undefined ? at(place) : headers.find(([known]) => known === name)?.[1];
  return found === undefined ? undefined : String(found).slice(0, 200);
}

/** What the vendor says of the request itself: what it cost, and what there had to be for it to be run. */
interface Prices {
  cost?: number;
  asked?: number;
}

type Figures = { [Name in keyof (VendorState & Prices)]: number | undefined };

function defined(figures: Figures): VendorState & Prices {
  return Object.fromEntries(Object.entries(figures).filter(([, value]) => value !== undefined));
}

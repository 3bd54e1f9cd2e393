import type { ReportedState } from "@plugboard/plugin-sdk/manifest";
import type { VendorResponse } from "../types.ts";
import { numberIn, timeOf } from "./limit-headers.ts";
import type { VendorState } from "./meter.ts";

/** A larger body is not read for its figures: it is parsed on the thread that serves everybody. */
const largestBody = 1024 * 1024;

/** A reply, whose body is read as JSON once at most, and only if somebody asks for what is in it. */
export interface ReadReply {
  response: VendorResponse;
  /** What stands at a JSON Pointer (RFC 6901), undefined if nothing does. */
  at(pointer: string): unknown;
}

export function readReply(response: VendorResponse): ReadReply {
  let json: { value: unknown } | undefined;
  return {
    response,
    at(pointer) {
      json ??= { value: parse(response.body) };
      let value = json.value;
      for (const token of pointer.slice(1).split("/")) {
        const name = token.replaceAll("~1", "/").replaceAll("~0", "~");
        if (typeof value !== "object" || value === null || !Object.hasOwn(value, name)) return undefined;
        value = (value as Record<string, unknown>)[name];
      }
      return value;
    },
  };
}

function parse(body: Buffer): unknown {
  if (body.length === 0 || body.length > largestBody) return undefined;
  try {
    return JSON.parse(body.toString());
  } catch {
    return undefined;
  }
}

/** What the reply says at the places that the author declared. */
export function readReported(
  reported: ReportedState,
  reply: ReadReply,
  now: number,
): VendorState & { cost?: number } {
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
    resetAt: reset === undefined ? undefined : timeOf(reset, now, reply.response.headers),
    refillPerSecond: figure(reported.refillPerSecond),
    cost: figure(reported.cost),
  });
}

function textAt(place: string, { response, at }: ReadReply): string | undefined {
  const name = place.startsWith("header:") ? place.slice("header:".length).toLowerCase() : undefined;
  const found = name === undefined ? at(place) : response.headers.find(([known]) => known === name)?.[1];
  return typeof found === "string" || typeof found === "number" ? String(found).slice(0, 200) : undefined;
}

type Figures = { [Name in keyof (VendorState & { cost?: number })]: number | undefined };

function defined(figures: Figures): VendorState & { cost?: number } {
  return Object.fromEntries(Object.entries(figures).filter(([, value]) => value !== undefined));
}

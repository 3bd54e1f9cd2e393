import { readFile } from "node:fs/promises";
import { CapabilityError } from "@plugboard/sandbox";
import type { Send } from "./send.ts";

/** One scripted reply: `request` is a method and a URL as the plugin writes it, in which `*` stands for anything. */
interface ScriptedReply {
  request: string;
  status?: number;
  headers?: { [name: string]: string };
  /** Text as it is; anything else as JSON. */
  body?: unknown;
}

/**
 * Answers from a file instead of the network: a JSON list, of which the first that fits is taken. It is read anew for each
 * request, so that it can be edited while the plugin runs.
 */
export function createReplies(path: string): Send {
  return async (_request, _signal, { asWritten: { method, url } }) => {
    const asked = `${method} ${url.href}`;
    const found = (await readReplies(path)).find(({ request }) => patternOf(request).test(asked));
    if (!found)
      throw new CapabilityError(
        "fetch-not-scripted",
        `${path} has no reply for ${asked}. Add {"request":"${asked}","body":{…}} to it.`,
      );
    const { status = 200, headers = {}, body } = found;
    if (body === undefined || status === 204 || status === 304)
      return new Response(null, { status, headers });
    return typeof body === "string"
      ? new Response(body, { status, headers })
      : Response.json(body, { status, headers });
  };
}

async function readReplies(path: string): Promise<ScriptedReply[]> {
  try {
    const value: unknown = JSON.parse(await readFile(path, "utf8"));
    if (Array.isArray(value) && value.every((one) => typeof one?.request === "string")) return value;
    throw new TypeError('it is not a list of {"request", "status", "headers", "body"}');
  } catch (error) {
    const reason = error instanceof Error ? error.message : String(error);
    throw new CapabilityError("fetch-not-scripted", `The replies in ${path} cannot be used: ${reason}`);
  }
}

function patternOf(request: string): RegExp {
  const escaped = request.split("*").map((text) => text.replace(/[.+?^${}()|[\]\\]/g, "\\$&"));
  return new RegExp(`^${escaped.join(".*")}$`);
}

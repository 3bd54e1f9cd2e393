import type { Json } from "../../manifest/index.ts";
import type { ReadAction } from "../model/read-actions.ts";
import { sampleOf } from "../model/sample.ts";
import type { Server } from "../model/servers.ts";
import { array, type Code, jsonCode, object, print, quoted } from "./code.ts";

interface Call {
  action: string;
  input: Json;
  method: string;
  path: string;
  answer: Json;
  output: Json;
}

/**
 * A test of one group: each action is called in the sandbox with the least that it takes, and makes the request that
 * the description asks for. Of the actions for which no example could be made up there are none.
 */
export function testFile(group: string, actions: ReadAction[], main: Server): string {
  const calls = actions.flatMap((action) => callOf(action, main));
  const config = configOf(main);
  const parts = [
    head,
    config === undefined ? "" : `const config = ${print(jsonCode(config), { indent: 0, column: 15 })};\n\n`,
    calls.length === 0
      ? ""
      : `const calls: Call[] = ${print(array(calls.map(callCode)), { indent: 0, column: 22 })};\n\n`,
    hostPart(config !== undefined),
    calls.length === 0 ? "" : callsPart,
    calls.length > 0 ? "" : loadsPart(group),
    calls.length === 0 ? "" : callType,
  ];
  return parts.join("");
}

function callOf(action: ReadAction, main: Server): Call[] {
  const input = sampleOf(action.input);
  const output =
    action.answer === "bytes" ? { contentType: "image/png", base64: "AQID" } : sampleOf(action.output);
  if (input === undefined || output === undefined) return [];
  const values = input as { [name: string]: Json };
  const server = (action.server ?? main).url.map((part) =>
    typeof part === "string" ? part : encodeURIComponent(settingSample(main, part.setting)),
  );
  const texts = action.path.map((part) => {
    if (typeof part === "string") return part;
    const value = values[part.input];
    const text = Array.isArray(value) ? value.join(",") : String(value);
    return part.as === "segments" ? text.split("/").map(encode).join("/") : encode(text);
  });
  const url = `${server.join("")}${texts.join("")}`;
  if (!URL.canParse(url)) return [];
  const { origin, pathname } = new URL(url);
  // What a path does not take as it is has its own tests.
  if (texts.some((text) => text === "" || /%(?:2f|5c|25|3b)/i.test(text))) return [];
  return [
    {
      action: action.name,
      input,
      method: action.operation.method,
      path: origin + pathname,
      answer: output,
      output,
    },
  ];
}

const encode = (text: string): string =>
  encodeURIComponent(text).replaceAll("%2C", ",").replaceAll("%3A", ":").replaceAll("%40", "@");

function callCode({ action, input, method, path, answer }: Call): Code {
  return object([
    { key: "action", value: quoted(action) },
    { key: "input", value: jsonCode(input) },
    { key: "request", value: quoted(`${method} ${path}`) },
    { key: "answer", value: jsonCode(answer) },
  ]);
}

function configOf({ settings }: Server): Json | undefined {
  if (settings.size === 0) return undefined;
  return Object.fromEntries([...settings].map(([name, schema]) => [name, sampleSetting(schema)]));
}

const settingSample = (server: Server, name: string): string =>
  String(sampleSetting(server.settings.get(name) ?? {}));

function sampleSetting(schema: { [keyword: string]: Json }): string {
  const [first] = Array.isArray(schema.enum) ? schema.enum : [];
  return String(schema.default ?? first ?? "example");
}

const head = `import assert from "node:assert/strict";
import { join } from "node:path";
import { type TestContext, test } from "node:test";
import { createTestHost } from "@plugboard/plugin-sdk/testing";

`;

const hostPart = (
  hasConfig: boolean,
): string => `/** The plugin, built and in the sandbox as in a host, where the API answers with \`reply\`. */
async function openPlugin(t: TestContext, reply: () => Response) {
  const directory = join(import.meta.dirname, "..");
  const host = await createTestHost({ directory,${hasConfig ? " config," : ""} answer: reply });
  t.after(() => host.close());
  return host;
}
`;

const callsPart = `
test("each action makes its request and answers what the API said", async (t) => {
  let reply = () => Response.json(null);
  const host = await openPlugin(t, () => reply());

  for (const { action, input, request, answer } of calls) {
    await t.test(action, async () => {
      reply = () => replyOf(answer);
      assert.deepEqual(await host.run(action, input), answer);
      const sent = host.requests.at(-1);
      const { origin, pathname } = new URL(sent?.url ?? "");
      assert.equal(\`\${sent?.method} \${origin}\${pathname}\`, request);
    });
  }
});

/** Text and bytes as they are, all else as JSON. */
function replyOf(answer: Call["answer"]): Response {
  if (typeof answer === "string") return new Response(answer);
  if (typeof answer === "object" && answer !== null && "base64" in answer && "contentType" in answer) {
    const headers = { "Content-Type": String(answer.contentType) };
    return new Response(Buffer.from(String(answer.base64), "base64"), { headers });
  }
  return answer === null ? new Response(null, { status: 204 }) : Response.json(answer);
}
`;

const callType = `
interface Call {
  action: string;
  input: Parameters<Awaited<ReturnType<typeof createTestHost>>["run"]>[1];
  /** Method and URL, without the query. */
  request: string;
  answer: Call["input"];
}
`;

const loadsPart = (group: string): string => `
test(${quoted(`the actions of ${group} load`)}, async (t) => {
  const { requests } = await openPlugin(t, () => Response.json(null));
  assert.deepEqual(requests, []);
});
`;

import { CliFailure, type FailureProblem } from "../failure.ts";
import { type DevAddress, readAddress } from "./address-file.ts";

/** What a call answered. */
export interface DevCallResult {
  output: unknown;
  version: string;
  durationMs: number;
}

/**
 * Calls the plugin that runs under `plugboard dev` in a directory.
 *
 * @param target an action's name; an entity's operation as `customer.list`; or `trigger:name`, `hook:name`, `webhook:normalize`
 * @throws {CliFailure} with the code of what the plugin threw, and where it did
 */
export async function callDevServer(
  directory: string,
  target: string,
  input: unknown,
): Promise<DevCallResult> {
  const address = await readAddress(directory);
  const [kind, name] = parseTarget(target);
  const { status, body } = await post(address, `/call/${kind}/${encodeURIComponent(name)}`, input, directory);
  if (status === 200) return body as unknown as DevCallResult;
  const { code = "unexpected", message = "", place, details, problems } = body.error ?? {};
  const placed = place ? [{ ...place, code, message: "It was thrown here." }] : [];
  throw new CliFailure(code, message, {
    problems: problems ?? placed,
    details: details === undefined ? {} : { details },
    exitCode: 1,
  });
}

interface Refusal {
  error?: {
    code?: string;
    message?: string;
    place?: { file: string; line: number; column: number };
    details?: unknown;
    problems?: FailureProblem[];
  };
}

function parseTarget(target: string): [kind: string, name: string] {
  const [, kind, name] = /^(action|entity|trigger|hook|webhook):(.+)$/.exec(target) ?? [];
  if (kind && name) return [kind, name];
  return [target.includes(".") ? "entity" : "action", target];
}

async function post(
  { url, token }: DevAddress,
  path: string,
  input: unknown,
  directory: string,
): Promise<{ status: number; body: Refusal }> {
  try {
    const response = await fetch(url + path, {
      method: "POST",
      redirect: "error", // Whatever listens there by now must not send the input on.
      headers: { authorization: `Bearer ${token}`, "content-type": "application/json" },
      body: JSON.stringify(input),
    });
    return { status: response.status, body: (await response.json()) as Refusal };
  } catch (cause) {
    throw new CliFailure(
      "dev-not-running",
      `The "plugboard dev" of ${directory} does not answer. Start it anew.`,
      {
        cause,
      },
    );
  }
}

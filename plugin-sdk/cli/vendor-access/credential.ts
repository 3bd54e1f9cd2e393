import { readFile, stat } from "node:fs/promises";
import type { UsableCredential } from "../../exchange/index.ts";
import { CliFailure } from "../failure.ts";
import type { CliHost } from "../host.ts";

/** The name of the environment's variable. */
const variable = "PLUGBOARD_DEV_CREDENTIAL";
const forms =
  'Expected {"type":"apiKey","key":"…"}, {"type":"bearer","token":"…"}, {"type":"basic","username":"…","password":"…"} or {"type":"oauth2","accessToken":"…"}.';

/**
 * The credential that requests get under `plugboard dev`: from a file that its owner alone can read, or from the
 * environment; never from the command line, which others on the machine can see.
 *
 * @param keepSecret is told of each text that no output may have in it
 * @throws {CliFailure}
 */
export async function readCredential(
  env: CliHost["env"],
  path: string | undefined,
  keepSecret: (secret: string) => void = () => {},
): Promise<UsableCredential | undefined> {
  const credential = await read(env, path);
  if (credential) for (const secret of secretsOf(credential)) keepSecret(secret);
  return credential;
}

async function read(env: CliHost["env"], path: string | undefined): Promise<UsableCredential | undefined> {
  if (path !== undefined) {
    await refuseReadable(path);
    return parse(await readFile(path, "utf8"), path);
  }
  const text = env[variable];
  return text ? parse(text, variable) : undefined;
}

async function refuseReadable(path: string): Promise<void> {
  const found = await stat(path).catch(() => undefined);
  if (!found?.isFile()) throw new CliFailure("credential-malformed", `There is no file ${path}. ${forms}`);
  // Windows keeps no such bits.
  if (process.platform === "win32" || (found.mode & 0o077) === 0) return;
  throw new CliFailure(
    "credential-malformed",
    `${path} can be read by others on this machine. Run: chmod 600 ${path}`,
  );
}

/** Never says what it read. */
function parse(text: string, from: string): UsableCredential {
  try {
    const value: unknown = JSON.parse(text);
    if (isCredential(value)) return value;
  } catch {
    // told below
  }
  throw new CliFailure("credential-malformed", `${from} does not hold a credential. ${forms}`);
}

const fields: { [type: string]: string[] } = {
  apiKey: ["key"],
  bearer: ["token"],
  basic: ["username", "password"],
  oauth2: ["accessToken"],
};

/** Every field, and what the two of `basic` are sent as (RFC 7617). */
function secretsOf(credential: UsableCredential): string[] {
  if (credential.type === "apiKey") return [credential.key];
  if (credential.type === "bearer") return [credential.token];
  if (credential.type === "oauth2") return [credential.accessToken];
  const { username, password } = credential;
  const pair = `${username}:${password}`;
  return [username, password, pair, Buffer.from(pair).toString("base64")];
}

function isCredential(value: unknown): value is UsableCredential {
  if (typeof value !== "object" || value === null || !("type" in value)) return false;
  const needed = fields[String(value.type)];
  return needed?.every((name) => typeof (value as Record<string, unknown>)[name] === "string") === true;
}

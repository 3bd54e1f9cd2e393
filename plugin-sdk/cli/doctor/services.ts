import { CliFailure } from "../failure.ts";
import { findHostUrl, openHost } from "../host-api/index.ts";
import { readProfile } from "../keys/index.ts";
import { findRegistryUrl, openRegistry } from "../registry/index.ts";
import {
  type Check,
  type Finding,
  failed,
  messageOf,
  ok,
  type Surroundings,
  skipped,
  warning,
} from "./check.ts";

const answerTimeoutMs = 10_000;
/** A claim is good for ten minutes, and one that is dated to come is refused. */
const mostSkewMs = 60_000;

/** Its address, where one is named. */
async function registryUrl({ host, options }: Surroundings): Promise<string | undefined> {
  return findRegistryUrl(host, options.registry).catch((error: unknown) => {
    if (error instanceof CliFailure && error.code === "registry-missing") return undefined;
    throw error;
  });
}

/** What a look finds where no registry is named, or it does not answer. */
async function atRegistry(
  where: Surroundings,
  look: (registry: Awaited<ReturnType<typeof openRegistry>>) => Promise<Finding>,
): Promise<Finding> {
  try {
    if ((await registryUrl(where)) === undefined) return skipped("no registry is named");
    return await look(await openRegistry(where.host, where.options.registry));
  } catch (error) {
    return failed(
      messageOf(error),
      "See that the address and the token are right, and that the registry runs.",
    );
  }
}

export const registryAnswers: Check = {
  name: "registry",
  look: (where) =>
    atRegistry(where, async (registry) => {
      const { version } = await registry.getRoot();
      return ok(`${registry.url} answers, with root ${version}`);
    }),
};

export const clockIsRight: Check = {
  name: "clock",
  async look(where) {
    const url = await registryUrl(where).catch(() => undefined);
    if (url === undefined) return skipped("no registry to hold it against");
    const date = await fetch(`${url}/registry/v1/root`, {
      method: "GET",
      redirect: "error",
      signal: AbortSignal.timeout(answerTimeoutMs),
    }).then(
      (response) => response.headers.get("date"),
      () => null,
    );
    const there = Date.parse(date ?? "");
    if (Number.isNaN(there)) return skipped("the registry does not say what time it is there");
    const skewMs = where.now().getTime() - there;
    if (Math.abs(skewMs) < mostSkewMs) return ok("goes as the registry's does, to the minute");
    return failed(
      `goes ${Math.round(Math.abs(skewMs) / 1000)} s ${skewMs > 0 ? "before" : "after"} the registry's`,
      "What you sign is dated, and refused. Set the clock, and have NTP keep it.",
    );
  },
};

export const accountIsKnown: Check = {
  name: "account",
  look: (where) =>
    atRegistry(where, async (registry) => {
      if (!registry.isSignedIn) return skipped("no token is kept or given");
      const { displayName, id } = await registry.getAccount();
      return ok(`${displayName} (${id})`);
    }),
};

export const keysAreKnown: Check = {
  name: "keys at the registry",
  look: (where) =>
    atRegistry(where, async (registry) => {
      const { keys } = await readProfile(where.host.env);
      if (keys.length === 0) return skipped("no publisher keys are here");
      const newest = new Map(keys.map(({ publisher, kid }) => [publisher, kid]));
      const unknown: string[] = [];
      for (const [publisher, kid] of newest) {
        const record = await registry.findPublisher(publisher);
        if (!record?.keys.includes(kid)) unknown.push(record ? publisher : `${publisher} (not registered)`);
      }
      if (unknown.length === 0) return ok(`known: ${[...newest.keys()].join(", ")}`);
      return warning(
        `the newest key is not known of: ${unknown.join(", ")}`,
        `"plugboard keys add <publisher>" has the registry take it; "plugboard publish --register" claims a new name.`,
      );
    }),
};

export const hostAnswers: Check = {
  name: "host",
  async look({ host, options }) {
    try {
      await findHostUrl(host, options.host);
    } catch (error) {
      const isNone = error instanceof CliFailure && error.code === "host-missing";
      return isNone
        ? skipped("no Plugboard host is named")
        : failed(messageOf(error), "Give the host's address, such as https://plugboard.example.");
    }
    try {
      const api = await openHost(host, options.host);
      return ok(`${api.url} takes the API key: ${(await api.listInstalls()).length} installs`);
    } catch (error) {
      return failed(messageOf(error), "Installing does not work like this; everything else does.");
    }
  },
};

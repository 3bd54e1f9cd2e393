import { cp, mkdir, readFile, writeFile } from "node:fs/promises";
import path from "node:path";
import { repository, runCommand } from "../processes.ts";
import type { Narrator } from "./narrator.ts";
import type { Stage } from "./stage.ts";

/** A release that the author has built and signed, and not yet published. */
export interface AuthorsRelease {
  tarball: string;
  statement: string;
  registry: string;
}

/** A third party, outside the repository, with nothing but the SDK's tarball. */
export async function author(stage: Stage, narrator: Narrator): Promise<AuthorsRelease> {
  narrator.chapter("A third party writes, signs and publishes a plugin");
  const workshop = path.join(stage.folder, "workshop");
  const project = path.join(workshop, "ledger");
  const registry = stage.address;
  const env = {
    PLUGBOARD_HOME: path.join(workshop, "profile"),
    PLUGBOARD_REGISTRY_URL: registry,
    PLUGBOARD_KEY_PASSPHRASE: "a passphrase of the demo",
  };
  await mkdir(workshop, { recursive: true });
  const plugboard = (args: string[], cwd = project) =>
    runCommand(path.join(workshop, "node_modules/.bin/plugboard"), args, { cwd, env });

  const sdk = await narrator.step("The SDK is packed, as npm would publish it", async () => {
    const output = await runCommand(
      "npm",
      ["pack", "--silent", "--pack-destination", workshop, "-w", "plugin-sdk"],
      {
        cwd: repository,
      },
    );
    const file = output.trim().split("\n").at(-1) ?? "";
    return { value: path.join(workshop, file), lines: [file] };
  });

  await narrator.step("It is installed in an empty folder elsewhere", async () => {
    await runCommand("npm", ["init", "-y"], { cwd: workshop });
    await runCommand("npm", ["install", "--prefer-offline", "--no-audit", "--no-fund", sdk], {
      cwd: workshop,
    });
    return { value: undefined, lines: [workshop] };
  });

  await narrator.step("plugboard init: a project to start from, which builds as it is", async () => {
    await plugboard(["init", "ledger", "--publisher", "acme", "--yes"], workshop);
    await plugboard(["build"]);
    return { value: undefined };
  });

  const build = async () => {
    const built = JSON.parse(await plugboard(["build", "--json"])) as { tarball: string; size: number };
    return { tarball: path.resolve(project, built.tarball), size: built.size };
  };

  await narrator.step(
    "The author writes the plugin (one honest action, three thieves) and builds it",
    async () => {
      await cp(path.join(repository, "scripts/demo/third-party"), project, { recursive: true });
      const { tarball, size } = await build();
      return { value: undefined, lines: [`${path.basename(tarball)}, ${size} bytes`] };
    },
  );

  await narrator.step("plugboard keys create, plugboard sign", async () => {
    await plugboard(["keys", "create", "acme"]);
    await plugboard(["sign"]);
    return { value: undefined };
  });

  await narrator.step(
    "plugboard publish: the registry checks it, loads it in a sandbox and adds its own signature",
    async () => {
      const output = JSON.parse(await plugboard(["publish", "--register", "--json"])) as { status: string };
      if (output.status !== "published") throw new Error(`the publication is ${output.status}`);
      return { value: undefined };
    },
  );

  await narrator.step("plugboard search finds it", async () => {
    const output = JSON.parse(await plugboard(["search", "ledger", "--json"])) as {
      items: { id: string; version: string }[];
    };
    const item = output.items.find(({ id }) => id === "acme/ledger");
    if (!item) throw new Error("the search did not give acme/ledger");
    return { value: undefined, lines: [`${item.id} ${item.version}`] };
  });

  return narrator.step("The author builds and signs the next version, and keeps it for later", async () => {
    const manifest = path.join(project, "plugin.json");
    await writeFile(manifest, (await readFile(manifest, "utf8")).replace('"1.0.0"', '"1.0.1"'));
    const { tarball } = await build();
    await plugboard(["sign"]);
    return { value: { tarball, statement: `${tarball}.jws`, registry }, lines: [path.basename(tarball)] };
  });
}

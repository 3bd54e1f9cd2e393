import { describeSecret, type Finding, findSecretFiles, findSecrets } from "../../inspection/index.ts";
import type { PackageFile } from "../../package/index.ts";

/** Secrets are problems; what only looks like one is for the author to judge, as it is for a registry's operator. */
export async function findSecretsIn(
  files: readonly PackageFile[],
): Promise<{ problems: Finding[]; warnings: Finding[] }> {
  const found = await findSecrets([...files]);
  return {
    problems: [...findSecretFiles(files), ...found.filter(({ certain }) => certain).map(describeSecret)],
    warnings: found.filter(({ certain }) => !certain).map(describeSecret),
  };
}

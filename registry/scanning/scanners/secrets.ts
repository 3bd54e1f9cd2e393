import { InspectionExhausted, inspect, type SecretFound } from "../inspection/index.ts";
import { type Finding, judged, type Scanner } from "../scanner.ts";
import { tooCostly } from "./too-costly.ts";

/** Files that hold nothing but secrets, by their names. Examples of them are fine. */
const secretFile =
  /(?:^|\/)(?:\.env(?:\.(?!example|sample|template)[^/]*)?|\.npmrc|\.netrc|\.pypirc|\.git-credentials|id_(?:rsa|dsa|ecdsa|ed25519)|[^/]+\.(?:p12|pfx|jks|keystore|kdbx))$/i;

/** Nobody's keys are in the files. What only looks like a secret is left to the operator. */
export const secrets: Scanner = {
  name: "secrets",
  version: "1",
  deadlineMs: 40_000,
  async scan({ content }, signal) {
    const problems: Finding[] = content.files
      .filter(({ path }) => secretFile.test(path))
      .map(({ path }) => ({
        code: "secret-file",
        pointer: "",
        file: path,
        message: `${path} is a file that holds secrets. Remove it; if anything in it was in use, replace that.`,
      }));
    try {
      const found = await inspect("secrets", { files: content.files }, signal);
      problems.push(...found.map(toFinding));
      const isCertain = found.some(({ certain }) => certain) || problems.length > found.length;
      const result = judged(problems);
      return problems.length > 0 && !isCertain ? { ...result, verdict: "suspicious" } : result;
    } catch (error) {
      if (error instanceof InspectionExhausted)
        return judged([...problems, tooCostly(content.manifest.main)]);
      throw error;
    }
  },
};

function toFinding({ file, line, kind, certain }: SecretFound): Finding {
  const what = certain
    ? `This is a secret (${kind}): everyone who installs the plugin could read it. Revoke it where it is valid, and remove it;`
    : `This looks like a secret (${kind}). If it is one, revoke it and remove it; if not, the registry's operator decides.`;
  const instead = certain ? " what a plugin needs of a tenant is declared under `auth` in plugin.json." : "";
  return {
    code: certain ? "secret-found" : "secret-suspected",
    pointer: "",
    file,
    line,
    message: what + instead,
  };
}

import type { PackageFile } from "../package/index.ts";
import type { SecretFound } from "./find-secrets.ts";
import type { Finding } from "./finding.ts";

/** Files that hold nothing but secrets, by their names. Examples of them are fine. */
const secretFile =
  /(?:^|\/)(?:\.env(?:\.(?!example|sample|template)[^/]*)?|\.npmrc|\.netrc|\.pypirc|\.git-credentials|id_(?:rsa|dsa|ecdsa|ed25519)|[^/]+\.(?:p12|pfx|jks|keystore|kdbx))$/i;

/** Files that are secrets as a whole. */
export function findSecretFiles(files: readonly Pick<PackageFile, "path">[]): Finding[] {
  return files
    .filter(({ path }) => secretFile.test(path))
    .map(({ path }) => ({
      code: "secret-file",
      pointer: "",
      file: path,
      message: `${path} is a file that holds secrets. Remove it; if anything in it was in use, replace that.`,
    }));
}

/** What to say of a secret; never the secret. */
export function describeSecret({ file, line, kind, certain }: SecretFound): Finding {
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

import type { SecretFound, TextFile } from "./find-secrets.ts";
import type { CodeFacts } from "./read-code.ts";

// Each brings a library of its own that takes long to load, so only what is asked for is loaded.

/** What a script says by its text alone. */
export async function readCode(code: string): Promise<CodeFacts> {
  return (await import("./read-code.ts")).readCode(code);
}

/** What in texts gives access somewhere, or looks as if it did. */
export async function findSecrets(files: TextFile[]): Promise<SecretFound[]> {
  return (await import("./find-secrets.ts")).findSecrets(files);
}

import { lintSource } from "@secretlint/core";
import { rules } from "@secretlint/secretlint-rule-preset-recommend";
import { isPlaceholder } from "./placeholders.ts";
import { guesses, ownPatterns } from "./secret-patterns.ts";

export interface TextFile {
  path: string;
  content: Uint8Array;
}

export interface SecretFound {
  file: string;
  /** Counts from 1. */
  line: number;
  /** What kind of secret it is; never the secret. */
  kind: string;
  /** Whether its form alone tells what it is, or only that it looks like one. */
  certain: boolean;
}

/** With it, whoever hides a secret could have it overlooked by a comment. */
const letsFilesDecide = "@secretlint/secretlint-rule-filter-comments";
const config = {
  rules: rules.filter(({ meta }) => meta.id !== letsFilesDecide).map((rule) => ({ id: rule.meta.id, rule })),
};
/** User and password in an address: as often an example as not. */
const uncertain = /basicauth|database-connection-string/;

/** A file is looked at in pieces, which overlap by more than the longest key. */
const pieceLength = 2 * 1024 * 1024;
const overlap = 16 * 1024;
const foundMost = 50;

/**
 * Searches texts for what gives access somewhere: keys of well-known forms (secretlint's rules, and our own), private
 * keys, and random-looking values of names such as `password`.
 */
export async function findSecrets(files: TextFile[]): Promise<SecretFound[]> {
  const found = new Map<string, SecretFound>();
  for (const { path, content } of files) {
    const { text, isBinary } = read(content);
    for (let start = 0; start < text.length && found.size < foundMost; start += pieceLength - overlap) {
      const piece = text.slice(start, start + pieceLength);
      for (const { index, kind, certain } of await searchPiece(path, piece)) {
        if (isBinary && !certain) continue;
        const line = lineAt(text, start + index);
        const key = `${path}:${line}`;
        if (certain || !found.has(key)) found.set(key, { file: path, line, kind, certain });
      }
    }
  }
  return [...found.values()].slice(0, foundMost);
}

/**
 * A picture, or the like, is read byte for byte without its zeros, which also makes UTF-16 readable: what has the form of a key
 * is one there too, what only looks random is everywhere.
 */
function read({ buffer, byteOffset, byteLength }: Uint8Array): { text: string; isBinary: boolean } {
  const bytes = Buffer.from(buffer, byteOffset, byteLength);
  const isBinary = bytes.includes(0);
  return {
    text: isBinary ? bytes.toString("latin1").replaceAll("\0", "") : bytes.toString("utf8"),
    isBinary,
  };
}

async function searchPiece(path: string, text: string) {
  const ext = /\.[^./]*$/.exec(path)?.[0] ?? "";
  const { messages } = await lintSource({
    source: { filePath: `/${path}`, content: text, contentType: "text", ext },
    options: { config, noPhysicFilePath: true, maskSecrets: true },
  });
  const byRules = messages.map(({ range: [index, end], ruleId, messageId }) => ({
    index,
    secret: text.slice(index, end),
    kind: String(messageId),
    certain: !uncertain.test(ruleId),
  }));
  const byPatterns = ownPatterns.flatMap(({ kind, pattern }) =>
    [...text.matchAll(pattern)].map((match) => ({
      index: match.index,
      secret: match[0],
      kind,
      certain: true,
    })),
  );
  return [...byRules, ...byPatterns, ...guesses(text)].filter(({ secret }) => !isPlaceholder(secret));
}

function lineAt(text: string, index: number): number {
  let line = 1;
  for (let at = text.indexOf("\n"); at !== -1 && at < index; at = text.indexOf("\n", at + 1)) line++;
  return line;
}

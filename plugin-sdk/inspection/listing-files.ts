import type { PackageFile } from "../package/index.ts";
import type { Finding } from "./finding.ts";

export type ListingFileKind = "readme" | "changelog" | "icon";

/** A file of a package that its listing page shows. */
export interface ListingFile {
  kind: ListingFileKind;
  mediaType: string;
  content: Buffer;
}

const kibibyte = 1024;
const markdown = "text/markdown; charset=utf-8";
const mostPixels = 1024;
const pngStart = Buffer.from([0x89, 0x50, 0x4e, 0x47, 0x0d, 0x0a, 0x1a, 0x0a]);

interface Rule {
  path: string;
  kind: ListingFileKind;
  mediaType: string;
  maxBytes: number;
  /** What is wrong with it, if anything. */
  check(content: Buffer): string | undefined;
}

/**
 * What a page may show. No SVG: it is a document that can run scripts, and nobody checks what is in it; a package may have
 * one, and it is not shown. Of two for one kind the first counts.
 */
const rules: Rule[] = [
  { path: "README.md", kind: "readme", mediaType: markdown, maxBytes: 512 * kibibyte, check: checkText },
  {
    path: "CHANGELOG.md",
    kind: "changelog",
    mediaType: markdown,
    maxBytes: 512 * kibibyte,
    check: checkText,
  },
  { path: "icon.png", kind: "icon", mediaType: "image/png", maxBytes: 256 * kibibyte, check: checkPng },
  { path: "icon.webp", kind: "icon", mediaType: "image/webp", maxBytes: 256 * kibibyte, check: checkWebp },
];

/** The files that a listing shows of a package, and what is wrong with those that it cannot. */
export function listingFiles(files: readonly PackageFile[]): { found: ListingFile[]; problems: Finding[] } {
  const found: ListingFile[] = [];
  const problems: Finding[] = [];
  for (const { path, kind, mediaType, maxBytes, check } of rules) {
    const file = files.find((one) => one.path === path);
    if (!file || found.some((one) => one.kind === kind)) continue;
    const { content } = file;
    const wrong =
      content.length > maxBytes
        ? `has ${content.length} bytes, of which ${maxBytes} are allowed`
        : check(content);
    if (wrong === undefined) found.push({ kind, mediaType, content });
    else problems.push({ code: "listing-file", pointer: "", file: path, message: `${path} ${wrong}.` });
  }
  return { found, problems };
}

function checkText(content: Buffer): string | undefined {
  try {
    const text = new TextDecoder("utf-8", { fatal: true }).decode(content);
    return text.includes("\0") ? "has a NUL character in it" : undefined;
  } catch {
    return "is not UTF-8 text";
  }
}

/** PNG (RFC 2083): the signature, then a chunk IHDR that begins with width and height. */
function checkPng(content: Buffer): string | undefined {
  if (content.length < 24 || !content.subarray(0, 8).equals(pngStart)) return "is not a PNG image";
  if (content.toString("latin1", 12, 16) !== "IHDR") return "is not a PNG image";
  const width = content.readUInt32BE(16);
  const height = content.readUInt32BE(20);
  if (Math.max(width, height) <= mostPixels) return undefined;
  return `has ${width} by ${height} pixels, of which ${mostPixels} each are allowed`;
}

/** WebP (RFC 9649): a RIFF container of that form. */
function checkWebp(content: Buffer): string | undefined {
  const isWebp =
    content.length >= 16 &&
    content.toString("latin1", 0, 4) === "RIFF" &&
    content.toString("latin1", 8, 12) === "WEBP";
  return isWebp ? undefined : "is not a WebP image";
}

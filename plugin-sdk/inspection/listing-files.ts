import type { Screenshot } from "../manifest/index.ts";
import type { PackageFile } from "../package/index.ts";
import type { Finding } from "./finding.ts";

export type ListingFileKind = "readme" | "changelog" | "icon" | "screenshot";

/** A file of a package that its listing page shows. */
export interface ListingFile {
  kind: ListingFileKind;
  /** Of a screenshot, from 1 on; else 0. */
  position: number;
  caption: string | null;
  mediaType: string;
  content: Buffer;
}

const kibibyte = 1024;
const markdown = "text/markdown; charset=utf-8";
const mostPixels = { icon: 1024, screenshot: 4096 };
const screenshotMaxBytes = 1024 * kibibyte;
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
  { path: "icon.png", kind: "icon", mediaType: "image/png", maxBytes: 256 * kibibyte, check: checkIcon },
  { path: "icon.webp", kind: "icon", mediaType: "image/webp", maxBytes: 256 * kibibyte, check: checkWebp },
];

/**
 * The files that a listing shows of a package, and what is wrong with those that it cannot.
 *
 * @param screenshots as plugin.json names them
 */
export function listingFiles(
  files: readonly PackageFile[],
  screenshots: readonly Screenshot[] = [],
): { found: ListingFile[]; problems: Finding[] } {
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
    if (wrong === undefined) found.push({ kind, position: 0, caption: null, mediaType, content });
    else problems.push({ code: "listing-file", pointer: "", file: path, message: `${path} ${wrong}.` });
  }
  for (const [index, { file: path, caption }] of screenshots.entries()) {
    const content = files.find((one) => one.path === path)?.content;
    const wrong = content ? checkScreenshot(path, content) : "is not in the package";
    if (content && wrong === undefined) {
      found.push({ kind: "screenshot", position: index + 1, caption, mediaType: imageTypeOf(path), content });
    } else {
      const pointer = `/screenshots/${index}/file`;
      problems.push({ code: "listing-file", pointer, file: path, message: `${path} ${wrong}.` });
    }
  }
  return { found, problems };
}

function checkScreenshot(path: string, content: Buffer): string | undefined {
  if (content.length > screenshotMaxBytes)
    return `has ${content.length} bytes, of which ${screenshotMaxBytes} are allowed`;
  return path.endsWith(".png") ? checkPng(content, mostPixels.screenshot) : checkWebp(content);
}

function imageTypeOf(path: string): string {
  return path.endsWith(".png") ? "image/png" : "image/webp";
}

/** What an image is by its first bytes, whatever it is called; undefined: none that a page shows. */
export function imageType(content: Buffer): "image/png" | "image/webp" | undefined {
  if (checkPng(content, Number.POSITIVE_INFINITY) === undefined) return "image/png";
  return checkWebp(content) === undefined ? "image/webp" : undefined;
}

function checkIcon(content: Buffer): string | undefined {
  return checkPng(content, mostPixels.icon);
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
function checkPng(content: Buffer, most: number): string | undefined {
  if (content.length < 24 || !content.subarray(0, 8).equals(pngStart)) return "is not a PNG image";
  if (content.toString("latin1", 12, 16) !== "IHDR") return "is not a PNG image";
  const width = content.readUInt32BE(16);
  const height = content.readUInt32BE(20);
  if (Math.max(width, height) <= most) return undefined;
  return `has ${width} by ${height} pixels, of which ${most} each are allowed`;
}

/** WebP (RFC 9649): a RIFF container of that form. */
function checkWebp(content: Buffer): string | undefined {
  const isWebp =
    content.length >= 16 &&
    content.toString("latin1", 0, 4) === "RIFF" &&
    content.toString("latin1", 8, 12) === "WEBP";
  return isWebp ? undefined : "is not a WebP image";
}

import { Type } from "typebox";
import { timestamp } from "../names.ts";

const verdict = Type.Union(
  [Type.Literal("pass"), Type.Literal("fail"), Type.Literal("suspicious"), Type.Literal("error")],
  { description: "`error`: the look could not be made, which is no pass." },
);

export const Finding = Type.Object({
  code: Type.String(),
  pointer: Type.String({ description: "JSON Pointer (RFC 6901) into plugin.json or the statement." }),
  message: Type.String({ description: "What was found, what was expected, what to do." }),
  file: Type.Optional(Type.String({ description: "A path inside the package." })),
  line: Type.Optional(Type.Integer({ description: "Counts from 1." })),
});

const ScanSummary = Type.Object({
  digest: Type.String({
    pattern: "^[0-9a-f]{64}$",
    description:
      "SHA-256 over the canonical JSON (RFC 8785) of the whole report; it is in what the registry signs.",
  }),
  scannedAt: timestamp,
  verdict,
  checks: Type.Array(Type.Object({ name: Type.String(), version: Type.String(), result: verdict })),
});

const facts = Type.Unsafe<Record<string, unknown>>({
  type: "object",
  description: "What else the scanner says, by its kind; `notes` are findings that hinder nothing.",
});

export const SavedScan = Type.Object({
  id: Type.String(),
  reason: Type.Union([Type.Literal("publication"), Type.Literal("rescan")]),
  requestedBy: Type.Union([Type.String(), Type.Null()]),
  summary: ScanSummary,
  report: Type.Object({
    plugin: Type.String(),
    version: Type.String(),
    tarballSha512: Type.String(),
    scannedAt: timestamp,
    verdict,
    scanners: Type.Array(
      Type.Object({
        name: Type.String(),
        version: Type.String(),
        verdict,
        problems: Type.Array(Finding),
        report: facts,
      }),
    ),
  }),
});

const summaryOrNone = Type.Union([ScanSummary, Type.Null()]);

export const PublicScan = Type.Object({ published: summaryOrNone, latest: summaryOrNone });

import { Type } from "typebox";
import { timestamp } from "../names.ts";

export const noticeId = Type.String({ pattern: "^ntc_[0-9a-f]{32}$" });

export const Notice = Type.Object({
  id: Type.String(),
  kind: Type.Union([
    Type.Literal("rescan-found"),
    Type.Literal("rescan-not-completed"),
    Type.Literal("usage-refused"),
  ]),
  plugin: Type.String(),
  version: Type.String(),
  message: Type.String(),
  details: Type.Unsafe<Record<string, unknown>>({ type: "object" }),
  createdAt: timestamp,
  acknowledgedAt: Type.Union([timestamp, Type.Null()]),
});

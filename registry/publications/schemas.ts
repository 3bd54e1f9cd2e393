import { Type } from "typebox";
import { pluginId, timestamp } from "../names.ts";

const Problem = Type.Object({
  code: Type.String(),
  pointer: Type.String({ description: "JSON Pointer (RFC 6901) into plugin.json or the statement." }),
  message: Type.String(),
});

export const Publication = Type.Object({
  id: Type.String(),
  status: Type.Union([Type.Literal("validating"), Type.Literal("published"), Type.Literal("rejected")]),
  plugin: pluginId,
  version: Type.String(),
  problems: Type.Array(Problem, { description: "Everything that a rejected package breaks." }),
  createdAt: timestamp,
  finishedAt: Type.Union([timestamp, Type.Null()]),
});

import { Type } from "@plugboard/plugin-sdk";
import { time } from "../api/fields.ts";

/** Lists are narrowed down by when records were made. */
export const created = {
  createdFrom: Type.Optional(time),
  createdBefore: Type.Optional(time),
};

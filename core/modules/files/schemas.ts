import { Type } from "typebox";

/** Neither a path nor anything that steers a terminal or a header: a name for people. */
const nameForm = "^[^\\u0000-\\u001f\\u007f-\\u009f/\\\\\\u200e\\u200f\\u202a-\\u202e\\u2066-\\u2069]+$";

export const fileId = Type.String({ minLength: 1, maxLength: 64 });

export const fileName = Type.String({
  minLength: 1,
  maxLength: 255,
  pattern: nameForm,
  description: "What the file is called when somebody saves it: a name, not a path.",
});

export const fileSchema = Type.Object(
  {
    id: Type.String(),
    name: Type.Union([Type.String(), Type.Null()]),
    contentType: Type.String(),
    size: Type.Integer({ description: "In bytes." }),
    sha256: Type.String({ description: "Of the content, lowercase hex." }),
    installId: Type.Union([Type.String(), Type.Null()], {
      description: "Whose plugin made it; null: an application put it in.",
    }),
    createdAt: Type.String({ format: "date-time" }),
    expiresAt: Type.String({ format: "date-time", description: "When it is deleted." }),
  },
  { title: "File" },
);

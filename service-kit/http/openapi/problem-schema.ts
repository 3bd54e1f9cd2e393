/** RFC 9457, with the members that every problem of ours has. */
export const problemSchema = {
  type: "object",
  description: "What went wrong (RFC 9457). Decide by `code`; some codes add members of their own.",
  properties: {
    type: { type: "string", format: "uri-reference", description: "Where the code is documented." },
    title: { type: "string" },
    status: { type: "integer" },
    detail: { type: "string", description: "What was wrong this time, what was expected, what to do." },
    code: { type: "string", description: "Stable." },
    instance: { type: "string", format: "uri", description: "Names this occurrence by its request id." },
    problems: {
      type: "array",
      description: "Every place that is wrong, with `invalid-request`.",
      items: {
        type: "object",
        properties: {
          in: { enum: ["path", "query", "body"] },
          pointer: { type: "string", description: "JSON pointer (RFC 6901)." },
          message: { type: "string" },
        },
        required: ["pointer", "message"],
      },
    },
  },
  required: ["type", "title", "status", "detail", "code", "instance"],
};

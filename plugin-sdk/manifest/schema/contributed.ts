// What actions, triggers and entities have in common.

/** The value of a schema written by a plugin; contributed-schema/ checks what is in it. */
export const contributedSchema = { description: "a JSON Schema", type: "object" };

export const offerName = {
  description: "a name of lower-case letters, digits and dashes, at most 64 long, starting with a letter",
  pattern: "^[a-z][a-z0-9-]{0,63}$",
};

export const title = {
  description: "a title of 1 to 100 characters",
  type: "string",
  minLength: 1,
  maxLength: 100,
};

export const description = { type: "string", maxLength: 2000 };

import { type Static, Type } from "@plugboard/plugin-sdk";

/**
 * Where the API is. There is no token here: the host gets one when the tenant signs in, renews it in time, and adds it
 * to requests that plugin.json asks for, on their way out.
 */
export const apiUrl = "https://__API_HOST__/v1";

export const Contact = Type.Object({
  id: Type.String(),
  email: Type.String(),
  name: Type.Optional(Type.String()),
  updatedAt: Type.String({ format: "date-time" }),
});

/** A page of contacts as the API answers it. */
export interface ContactPage {
  contacts: Static<typeof Contact>[];
  next: string | null;
}

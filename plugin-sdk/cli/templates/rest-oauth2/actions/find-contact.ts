import { action, requestJson, Type, withQuery } from "@plugboard/plugin-sdk";
import { apiUrl, Contact, type ContactPage } from "../api.ts";

export const findContact = action({
  title: "Find a contact",
  description: "Finds a contact by its email address; null when there is none.",
  input: Type.Object({ email: Type.String({ format: "email" }) }),
  output: Type.Union([Contact, Type.Null()]),
  async run({ input, fetch }) {
    const url = withQuery(`${apiUrl}/contacts`, { email: input.email, limit: 1 });
    const { contacts } = await requestJson<ContactPage>(fetch, url);
    return contacts[0] ?? null;
  },
});

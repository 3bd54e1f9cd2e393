import { entity, requestJson, Type, withQuery } from "@plugboard/plugin-sdk";
import { apiUrl, Contact, type ContactPage } from "../api.ts";

/** The largest page that the API gives. */
const maxLimit = 100;

export const contact = entity({
  title: "Contact",
  schema: Contact,
  key: "id",
  updatedAt: "updatedAt",
  input: Type.Object({ email: Type.String({ format: "email" }), name: Type.Optional(Type.String()) }),
  filter: Type.Object({ email: Type.Optional(Type.String()) }),
  async list({ cursor, limit, filter, updatedSince, fetch }) {
    const query = { ...filter, since: updatedSince, cursor, limit: Math.min(limit, maxLimit) };
    const { contacts, next } = await requestJson<ContactPage>(fetch, withQuery(`${apiUrl}/contacts`, query));
    return { items: contacts, nextCursor: next };
  },
  get: ({ key, fetch }) => requestJson(fetch, `${apiUrl}/contacts/${encodeURIComponent(key)}`),
  create: ({ record, idempotencyKey, fetch }) =>
    requestJson(fetch, `${apiUrl}/contacts`, { json: record, idempotencyKey }),
  update: ({ key, changes, idempotencyKey, fetch }) =>
    requestJson(fetch, `${apiUrl}/contacts/${encodeURIComponent(key)}`, {
      method: "PATCH",
      json: changes,
      idempotencyKey,
    }),
});

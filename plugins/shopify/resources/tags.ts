import { action, Type } from "@plugboard/plugin-sdk";
import { write } from "../api/records.ts";
import { Id, Tags } from "../api/shapes.ts";

export const documents = {
  add: `mutation AddTags($id: ID!, $tags: [String!]!) {
    written: tagsAdd(id: $id, tags: $tags) { record: node { id } userErrors { field message } }
  }`,
  remove: `mutation RemoveTags($id: ID!, $tags: [String!]!) {
    written: tagsRemove(id: $id, tags: $tags) { record: node { id } userErrors { field message } }
  }`,
};

// Two that tag at the same time do not undo each other, as they would by setting all tags of a record.
export const addTags = tagging("Add tags", documents.add);
export const removeTags = tagging("Remove tags", documents.remove);

function tagging(title: string, document: string) {
  return action({
    title,
    description: "Of a product, order or customer; its other tags stay.",
    input: Type.Object({
      id: Type.String({ pattern: "^gid://shopify/(Product|Order|Customer)/\\d+$" }),
      tags: Tags,
    }),
    output: Type.Object({ id: Id }),
    run: ({ input, ...admin }) => write<{ id: string }>(admin, document, input),
  });
}

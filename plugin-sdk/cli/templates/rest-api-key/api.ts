import { Type } from "@plugboard/plugin-sdk";

/** Where the API is. There is no key here: the host adds it to requests that plugin.json asks for, on their way out. */
export const apiUrl = "https://__API_HOST__/v1";

export const Item = Type.Object({ id: Type.String(), name: Type.String() });

import type { UsableCredential } from "../../exchange/index.ts";

/** What stands where the user name stood. */
const placeholder = "[user]";

/** A shorter one is a word that vendors write for other reasons. */
const minUserLength = 4;

/**
 * Takes the user name of a basic credential out of a vendor's answer. It is no secret and goes to plugins as it is; but a
 * recording goes into a repository, and it is half of what opens an account.
 */
export function withoutUser(response: Response, body: Buffer, credential: UsableCredential | undefined) {
  const user = credential?.type === "basic" ? credential.username : "";
  if (user.length < minUserLength) return { response, body };
  const forms = [user, encodeURIComponent(user), JSON.stringify(user).slice(1, -1)].map((form) =>
    Buffer.from(form).toString("latin1").replace(/[^\w]/g, "\\$&"),
  );
  // As a word of its own: within a longer one it is something else.
  const pattern = new RegExp(`(?<![A-Za-z0-9])(?:${[...new Set(forms)].join("|")})(?![A-Za-z0-9])`, "g");
  const clean = (text: string) => text.replace(pattern, placeholder);
  const headers = [...response.headers]
    .filter(([name]) => name !== "content-length")
    .map(([name, value]): [string, string] => [name, clean(value)]);
  const { status, statusText } = response;
  return {
    response: { status, statusText, headers: new Headers(headers) },
    body: Buffer.from(clean(body.toString("latin1")), "latin1"),
  };
}

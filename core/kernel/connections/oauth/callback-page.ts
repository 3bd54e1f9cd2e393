/** What people read who come back from a vendor. All of it is written here: nothing that came along is shown. */
const sentences: Record<string, string> = {
  connected: "The account is connected. You can close this page.",
  "not-working":
    "The account was connected, but a first request with it did not work. Look at the connection for the reason.",
  denied: "Nothing was connected: access was not given at the vendor.",
  expired: "This link was used already, or is too old. Start again where you came from.",
  "wrong-account":
    "Nothing was connected: the answer is about another account than the one that was asked for.",
  "vendor-unavailable": "Nothing was connected: the vendor did not answer. Start again in a while.",
  "settings-refused":
    "Nothing was connected: what the vendor says of the account does not fit what the plugin expects.",
};

const otherwise =
  "Nothing was connected: the vendor's answer was not what it must be. Start again where you came from.";

/** @param outcome one of ours: shown as it is, for whoever is asked for help */
export function callbackPage(outcome: string): Buffer {
  const title = outcome === "connected" ? "Connected" : "Not connected";
  const sentence = sentences[outcome] ?? otherwise;
  const code = outcome === "connected" ? "" : `<p><small>${outcome.replaceAll(/[^a-z-]/g, "")}</small></p>`;
  return Buffer.from(
    `<!doctype html><html lang="en"><meta charset="utf-8"><meta name="viewport" content="width=device-width"><title>${title}</title><main><h1>${title}</h1><p>${sentence}</p>${code}</main></html>\n`,
  );
}

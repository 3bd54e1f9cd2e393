import { VendorUnavailableError } from "@plugboard/plugin-sdk";

/**
 * Where an org's API is. With OAuth, Salesforce says it with every token; with a token of the tenant's own it follows from
 * the settings (My Domain): https://help.salesforce.com/s/articleView?id=xcloud.domain_name_url_formats.htm
 *
 * @param config the connection's settings; plugin.json says which values they may have
 * @throws VendorUnavailableError before the first token
 */
export function orgUrl(config: { readonly [setting: string]: unknown }): string {
  const { instance, edition = "production", instanceUrl } = config;
  if (typeof instanceUrl === "string") return instanceUrl;
  if (typeof instance !== "string")
    throw new VendorUnavailableError(
      "Salesforce has not told yet where the org is, as it does with the first token. Call again when the connection is active.",
    );
  const domain = edition === "production" ? "my.salesforce.com" : `${edition}.my.salesforce.com`;
  return `https://${instance}.${domain}`;
}

/** The org's id, 15 characters, out of `https://login.salesforce.com/id/<org>/<user>`; undefined where it is not known. */
export function orgIdOf({ identityUrl }: { readonly [setting: string]: unknown }): string | undefined {
  if (typeof identityUrl !== "string") return undefined;
  return /\/id\/([A-Za-z0-9]{15})(?:[A-Za-z0-9]{3})?\//.exec(identityUrl)?.[1];
}

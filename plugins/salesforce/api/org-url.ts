/**
 * Where an org's API is (My Domain): https://help.salesforce.com/s/articleView?id=xcloud.domain_name_url_formats.htm
 *
 * @param config the connection's settings; plugin.json says which values they may have
 */
export function orgUrl(config: { readonly [field: string]: unknown }): string {
  const { instance, edition = "production" } = config;
  const domain = edition === "production" ? "my.salesforce.com" : `${edition}.my.salesforce.com`;
  return `https://${instance}.${domain}`;
}

import { coreError } from "../../errors.ts";
import type { ConnectionStatus } from "../../tables.ts";
import type { StoredCredential } from "../credentials/index.ts";
import type { ConnectionPatch, ConnectionRow } from "./queries.ts";

/**
 * With a credential that needs nobody to agree, a connection can be used at once.
 * @param awaitsSettings of the vendor, which it tells with the first token: the host asks for one before anybody calls
 */
export function statusWith(auth: StoredCredential | undefined, awaitsSettings: boolean): ConnectionStatus {
  if (!auth) return "configuring";
  if (auth.type === "oauth2" && auth.grant === "authorization_code") return "configuring";
  return awaitsSettings ? "testing" : "active";
}

/**
 * What the owner wishes, as far as it can be. Switched off it stays off whatever credential it gets; only connecting the
 * account anew brings back what a person has to agree to. What is said against a connection stays until it is not true any
 * more: switched on again, one that the vendor had refused is tried before it is used.
 * @param wish `credential`: the one that it gets
 * @throws `connection-has-no-credential`
 */
export function statusAfter(
  row: ConnectionRow,
  {
    status,
    credential,
    awaitsSettings,
  }: {
    status: "active" | "inactive" | undefined;
    credential: StoredCredential | undefined;
    awaitsSettings: boolean;
  },
): Pick<ConnectionPatch, "status" | "status_reason"> {
  if (credential) {
    const next = statusWith(credential, awaitsSettings);
    const isOff = status === "inactive" || (row.status === "inactive" && status === undefined);
    if (!isOff) return { status: next, status_reason: null };
    return { status: "inactive", status_reason: next === "configuring" ? "reauthorization-needed" : null };
  }
  const awaitsPerson = row.status === "configuring" && row.sealed_credential !== null;
  if (status === "inactive")
    return awaitsPerson ? { status, status_reason: "reauthorization-needed" } : { status };
  if (status === undefined || row.status === "active" || row.status === "testing") return {};
  const needsPerson = row.status === "configuring" || row.status_reason === "reauthorization-needed";
  if (row.sealed_credential === null || needsPerson) {
    throw coreError(
      "connection-has-no-credential",
      `The connection "${row.id}" has no credential that could be used. Give it one, or authorize it at the vendor.`,
    );
  }
  return { status: row.status_reason === null && !awaitsSettings ? "active" : "testing" };
}

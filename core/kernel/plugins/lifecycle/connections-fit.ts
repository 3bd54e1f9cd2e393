import type { Manifest } from "@plugboard/plugin-sdk/manifest";
import { coreError } from "../../../errors.ts";
import { connectionProblems } from "../../connections/index.ts";

interface StoredConnection {
  id: string;
  name: string;
  config: Record<string, unknown>;
  auth_type: string;
}

/** So many are listed; the tenant sees what it is about. */
const mostListed = 20;

/** Holds what the tenant has set up against a new version: none of it is dropped. @throws `upgrade-incompatible` */
export function checkConnectionsFit(manifest: Manifest, connections: StoredConnection[]): void {
  const misfits = connections.flatMap(({ id, name, config, auth_type }) => {
    const problems = connectionProblems(manifest, { config, authType: auth_type });
    return problems.length > 0 ? [{ id, name, problems }] : [];
  });
  if (misfits.length === 0) return;
  throw coreError(
    "upgrade-incompatible",
    `${misfits.length} connection(s) do not fit ${manifest.id} ${manifest.version}, which asks for other settings or credentials. The old version stays. Change or delete these connections first, or take another version.`,
    { plugin: manifest.id, version: manifest.version, connections: misfits.slice(0, mostListed) },
  );
}

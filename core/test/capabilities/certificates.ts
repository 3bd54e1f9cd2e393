import { readFileSync } from "node:fs";
import { getCACertificates, setDefaultCACertificates } from "node:tls";

export const pem = (name: string) => readFileSync(new URL(`./tls/${name}.pem`, import.meta.url), "utf8");

/** Has this process trust the test's certificate authority besides those that it trusts anyway. */
export function trustTestAuthority(): void {
  setDefaultCACertificates([...getCACertificates("default"), pem("ca")]);
}

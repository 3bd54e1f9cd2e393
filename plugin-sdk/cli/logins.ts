import { requireSafeForSecrets } from "./address.ts";
import type { CliHost } from "./host.ts";
import { changeProfile, type Login, readProfile } from "./keys/index.ts";
import { keepSecret } from "./secrets.ts";

/** Keeps a token or an API key for one address, in the place of what there was for it. */
export async function keepLogin(host: CliHost, login: Login): Promise<void> {
  requireSafeForSecrets(login.url, host.env);
  await changeProfile(host.env, (profile) => {
    const others = (profile.logins ?? []).filter((other) => !isSame(other, login));
    profile.logins = [...others, login];
  });
}

/** What was kept for this very address, and is sent nowhere else. */
export async function findLogin(host: CliHost, of: Pick<Login, "kind" | "url">): Promise<Login | undefined> {
  const login = (await readProfile(host.env)).logins?.find((other) => isSame(other, of));
  keepSecret(host, login?.secret);
  return login;
}

export async function dropLogin(host: CliHost, of: Pick<Login, "kind" | "url">): Promise<void> {
  await changeProfile(host.env, (profile) => {
    profile.logins = (profile.logins ?? []).filter((other) => !isSame(other, of));
  });
}

function isSame(a: Pick<Login, "kind" | "url">, b: Pick<Login, "kind" | "url">): boolean {
  return a.kind === b.kind && a.url === b.url;
}

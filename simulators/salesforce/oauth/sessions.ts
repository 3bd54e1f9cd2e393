import { randomBytes } from "node:crypto";
import type { Org } from "../orgs.ts";

export interface Session {
  accessToken: string;
  org: Org;
  userId: string;
  clientId: string;
  scope: string;
  issuedAt: number;
  /** Milliseconds since 1970; moved on by use. */
  expiresAt: number;
}

export interface Sessions {
  open(of: Pick<Session, "org" | "userId" | "clientId" | "scope">, accessToken?: string): Session;
  /** Undefined for one that is over, or never was. */
  find(accessToken: string): Session | undefined;
  end(accessToken: string): boolean;
  /** All of them: as when an administrator ends them, or much time has gone by. */
  endAll(): void;
}

export function createSessions({ seconds, nowMs }: { seconds: number; nowMs(): number }): Sessions {
  const sessions = new Map<string, Session>();
  return {
    open({ org, ...rest }, accessToken = `${org.id.slice(0, 15)}!AQ${randomBytes(40).toString("hex")}`) {
      const now = nowMs();
      const session: Session = { ...rest, org, accessToken, issuedAt: now, expiresAt: now + seconds * 1000 };
      sessions.set(accessToken, session);
      return session;
    },
    find(accessToken) {
      const session = sessions.get(accessToken);
      if (!session || session.expiresAt <= nowMs()) return undefined;
      session.expiresAt = nowMs() + seconds * 1000;
      return session;
    },
    end: (accessToken) => sessions.delete(accessToken),
    endAll: () => sessions.clear(),
  };
}

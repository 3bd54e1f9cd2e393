import { createRegistry, type RegistryOptions } from "@plugboard/registry";
import { secretToken } from "@plugboard/service-kit/crypto";
import { type Listener, listen, splitTarget } from "@plugboard/service-kit/http";
import type { Logger } from "@plugboard/service-kit/observe";
import type Koa from "koa";

/** The registry in the core's own process: it answers on the loopback, as it would from a machine of its own. */
export interface EmbeddedRegistry {
  /** Serves the registry's paths in the core's own app too, for authors and their tools. */
  middleware: Koa.Middleware;
  /** Listens. What comes back is for the core's client, which speaks the same HTTP as to a registry run apart. */
  start(): Promise<{ baseUrl: string; hostToken: string }>;
  /** Vouches for a publisher in the name of whoever runs this host. */
  vouchFor(publisher: string): Promise<void>;
  stop(graceMs: number): Promise<void>;
}

export function createEmbeddedRegistry(o: Omit<RegistryOptions, "hostTokens">): EmbeddedRegistry {
  const options = { ...o, logger: registryLogger(o.logger) };
  // Made anew at each start: nobody but this process needs it.
  const hostToken = secretToken("pbh_").token;
  const registry = createRegistry({ ...options, hostTokens: [hostToken] });
  const handle = registry.app.callback();
  let listener: Listener | undefined;
  return {
    middleware(ctx, next) {
      // Not `ctx.path`, which throws over a target that is no URL.
      if (!splitTarget(ctx.req.url ?? "/").path.startsWith("/registry/v1/")) return next();
      ctx.respond = false;
      return handle(ctx.req, ctx.res);
    },
    async start() {
      await registry.start();
      listener = await listen(registry.app, { port: 0, host: "127.0.0.1", logger: options.logger });
      return { baseUrl: listener.address, hostToken };
    },
    vouchFor: registry.vouchFor,
    async stop(graceMs) {
      await listener?.close(graceMs);
      await registry.stop();
    },
  };
}

/** What the core asks its own registry is no news; what others ask it stands in the core's own access log. */
function registryLogger(logger: Logger): Logger {
  const level = logger.level === "info" ? "warn" : logger.level;
  return logger.child({ service: "registry" }, { level });
}

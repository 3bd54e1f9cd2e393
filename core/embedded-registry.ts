import { createRegistry } from "@plugboard/registry";
import { secretToken } from "@plugboard/service-kit/crypto";
import { type Listener, listen } from "@plugboard/service-kit/http";
import type Koa from "koa";

/** The registry in the core's own process: it answers on the loopback, as it would from a machine of its own. */
export interface EmbeddedRegistry {
  /** For the core's client; the same HTTP that a registry run apart speaks. */
  baseUrl: string;
  hostToken: string;
  /** Serves the registry's paths in the core's own app too, for authors and their tools. */
  middleware: Koa.Middleware;
  stop(graceMs: number): Promise<void>;
}

type RegistryOptions = Omit<Parameters<typeof createRegistry>[0], "hostTokens">;

export async function startEmbeddedRegistry(options: RegistryOptions): Promise<EmbeddedRegistry> {
  // Made anew at each start: nobody but this process needs it.
  const hostToken = secretToken("pbh_").token;
  const registry = await createRegistry({ ...options, hostTokens: [hostToken] });
  await registry.start();
  const listener: Listener = await listen(registry.app, {
    port: 0,
    host: "127.0.0.1",
    logger: options.logger,
  });
  const handle = registry.app.callback();
  return {
    baseUrl: listener.address,
    hostToken,
    async middleware(ctx, next) {
      if (!ctx.path.startsWith("/registry/v1/")) return next();
      ctx.respond = false;
      await handle(ctx.req, ctx.res);
    },
    async stop(graceMs) {
      await listener.close(graceMs);
      await registry.stop();
    },
  };
}

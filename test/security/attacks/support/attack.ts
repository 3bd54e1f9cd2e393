import assert from "node:assert/strict";
import { after, describe, test } from "node:test";
import {
  type Capability,
  CapabilityError,
  type Json,
  openSandbox,
  type Sandbox,
  SandboxError,
  type SandboxLimits,
  type SandboxOptions,
} from "@plugboard/sandbox";

/**
 * One attack: what plugin code would do, and how it tells that it worked. It runs in the real sandbox, where it must
 * not work, in both isolations; and in a weakened one, where it must, or nobody would know that it can be noticed.
 */
export interface Attack {
  /** Ends the sentence "plugin code cannot …". */
  to: string;
  /** The advisory, or the idea, that it stems from. */
  from?: string;
  /** Body of `async (context) => { … }`. Returns `won(proof)` when it worked. */
  code: string;
  /** Body of what another tenant's call runs afterwards; then its answer counts. */
  look?: string;
  /** Code of the module itself, before the actions. */
  prelude?: string;
  binary?: boolean;
  limits?: Partial<SandboxLimits>;
  /** What only the host can see. Gives the proof, or undefined. */
  proof?(outcome: Outcome): unknown;
  /** Why it does not work in the weakened sandbox either. */
  notNoticed?: string;
}

export interface Outcome {
  output?: Json;
  error?: SandboxError;
  /** Lines that reached the log capability. */
  logged: Json[];
}

/** In scope of every attack. */
const tools = `
const won = (proof) => ({ won: String(proof).slice(0, 300) });
/** Whether the tool turns text into running code, as a program or as the body of a function. */
const runsText = async (tool) => {
  for (const text of ["'RAN'", "return 'RAN'"]) {
    try {
      const made = tool(text);
      const value = typeof made === "function" ? made() : made;
      const found = await (value?.next ? value.next() : value);
      if ((found?.value ?? found) === "RAN") return won("text ran as code");
    } catch {}
  }
};
const caught = (run) => { try { run(); } catch (error) { return error; } };
const rejected = async (run) => { try { await run(); } catch (error) { return error; } };
`;

const weakenedWorker = new URL("./weakened-worker.ts", import.meta.url);

/** What a call of an attack may use: everything that hands something of the host's inside. */
function capabilities(logged: Json[]): { [name: string]: Capability } {
  const spoilt = '{"__proto__":{"polluted":"yes"},"constructor":{"prototype":{"polluted":"yes"}}}';
  return {
    log: async (line) => {
      logged.push(line as Json);
      return null;
    },
    fetch: async (request) => {
      const { url } = request as { url: string };
      if (url.endsWith("/refused"))
        throw new CapabilityError("refused", "The host refused.", { details: JSON.parse(spoilt) as Json });
      if (url.endsWith("/broken")) throw new Error(`Broken at ${import.meta.filename}.`);
      const body = new TextEncoder().encode(spoilt);
      return { status: 200, statusText: "OK", url, headers: [["x-from", "vendor"]], body };
    },
    "host.echo": async (args) => args,
    "host.spoilt": async () => JSON.parse(spoilt) as Json,
  };
}

export interface Target {
  attack(name: string, tenantId: string): Promise<Outcome>;
  sandbox: Sandbox;
}

/** A sandbox whose actions are the attacks, by number; `weakened` names the walls that are left. */
export function openTarget(
  attacks: readonly Attack[],
  o: SandboxOptions & { weakened?: string; binary?: boolean },
): Target {
  const actions = attacks.flatMap(({ code, look }, index) => [
    `"${index}": { run: async (context) => {${code}\n} }`,
    ...(look === undefined ? [] : [`"${index} look": { run: async (context) => {${look}\n} }`]),
  ]);
  const preludes = attacks.map((attack) => attack.prelude ?? "").join("\n");
  const code = `${tools}\n${preludes}\nmodule.exports.default = { actions: { ${actions.join(",\n")} } };`;
  const plugin = { id: o.weakened ?? "acme/attacks", version: "1.0.0", code, binary: o.binary ?? false };
  const { limits, ...rest } = o;
  const sandbox = openSandbox(plugin, {
    ...rest,
    limits: { deadlineMs: 30_000, crashes: 1_000, ...limits },
    ...(o.weakened === undefined ? {} : { workerUrl: weakenedWorker }),
  });
  return {
    sandbox,
    async attack(name, tenantId) {
      const logged: Json[] = [];
      const input = JSON.parse('{"__proto__":{"polluted":"yes"},"secret":"the secret of tnt_a"}') as Json;
      const context = { connection: { config: JSON.parse('{"__proto__":{"polluted":"yes"}}') as Json } };
      const call = { tenantId, target: { kind: "action", name } as const, input, context };
      try {
        const output = await sandbox.call({ ...call, capabilities: capabilities(logged) });
        return { output, logged };
      } catch (error) {
        if (!(error instanceof SandboxError)) throw error;
        return { error, logged };
      }
    },
  };
}

/** Runs one attack, and what follows it; gives the proof that it worked, or undefined. */
export async function proofOf(attack: Attack, index: number, target: Target): Promise<unknown> {
  const outcome = await target.attack(`${index}`, `tnt_a_${index}`);
  if (attack.look === undefined) return attack.proof ? attack.proof(outcome) : wonBy(outcome);
  const seen = await target.attack(`${index} look`, `tnt_b_${index}`);
  return attack.proof ? attack.proof(seen) : wonBy(seen);
}

const wonBy = ({ output }: Outcome): unknown =>
  typeof output === "object" && output !== null && !Array.isArray(output) && "won" in output
    ? output.won
    : undefined;

/**
 * One test per attack and isolation, over one sandbox for all of them (each attack has tenants of its own), and one
 * per attack over a weakened sandbox of its own.
 */
export function testAttacks(family: string, attacks: readonly Attack[]): void {
  for (const isolation of ["thread", "process"] as const)
    describe(`${family}, isolation "${isolation}": plugin code cannot`, () => {
      let shared: Target | undefined;
      after(() => shared?.sandbox.close({ graceMs: 0 }));
      attacks.forEach((attack, index) => {
        test(attack.to, async (t) => {
          const alone = needsItsOwn(attack);
          const target =
            (alone ? undefined : shared) ??
            openTarget(attacks.map(alone ? only(attack) : shareable), { isolation, ...optionsOf(attack) });
          if (alone) t.after(() => target.sandbox.close({ graceMs: 0 }));
          else shared = target;
          const proof = await proofOf(attack, index, target);
          assert.equal(proof, undefined, `It worked: ${String(proof)}`);
        });
      });
    });

  describe(`${family}, without the walls: the harness notices that plugin code can`, () => {
    attacks.forEach((attack, index) => {
      if (attack.notNoticed !== undefined) return;
      test(attack.to, async (t) => {
        const target = openTarget(attacks.map(only(attack)), {
          weakened: "acme/no-walls",
          ...optionsOf(attack),
        });
        t.after(() => target.sandbox.close({ graceMs: 0 }));
        // Some wait for a turn of the thread that others may take first.
        let proof: unknown;
        for (let tries = 0; proof === undefined && tries < 3; tries++)
          proof = await proofOf(attack, index, target);
        assert.notEqual(proof, undefined);
      });
    });
  });
}

/** Code of the module, limits and the permission are a sandbox's own. */
const needsItsOwn = (attack: Attack): boolean =>
  attack.prelude !== undefined || attack.limits !== undefined || attack.binary === true;

const optionsOf = ({ binary, limits }: Attack) => ({ ...(binary && { binary }), ...(limits && { limits }) });

/** The others keep their numbers, and nothing of their code. */
const idle: Attack = { to: "do nothing", code: "" };
const only = (attack: Attack) => (other: Attack) => (other === attack ? attack : idle);
const shareable = (attack: Attack) => (needsItsOwn(attack) ? idle : attack);

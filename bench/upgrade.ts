import { callAction } from "./action-call.ts";
import { startBenchHost } from "./bench-host.ts";
import { openLoop } from "./open-loop.ts";
import type { Row } from "./row.ts";

const tenantCount = 8;
const perSecond = 200;
const seconds = 20;
const versions = ["1.0.0", "1.1.0"];

/** Tenants go up and down between two versions all the time while calls come in: none may fail, none may be stale. */
export async function benchUpgrade(): Promise<Row[]> {
  const host = await startBenchHost();
  try {
    for (const version of versions)
      await host.publish({
        id: "bench/versioned",
        version,
        actions: { which: { run: `return { version: ${JSON.stringify(version)}, said: input.say };` } },
      });
    const tenants = await Promise.all(
      Array.from({ length: tenantCount }, async (_, index) => {
        const tenant = await host.tenant(`Tenant ${index}`);
        // What the answers may be: both while a change is under way, one after it was confirmed.
        return {
          tenant,
          ...(await host.connect(tenant, "bench/versioned", "1.0.0")),
          allowed: new Set(["1.0.0"]),
        };
      }),
    );
    const send = async (index: number) => {
      const one = tenants[index % tenants.length];
      if (!one) return;
      const allowedThen = new Set(one.allowed);
      const { version, said } = await callAction(one.tenant, `${one.actions}/which`, { say: index });
      // A call may have begun before the change was confirmed, or ended after the next one began.
      const right = allowedThen.has(String(version)) || one.allowed.has(String(version));
      if (said !== index || !right)
        throw new Error(`wrong answer: ${version} when ${[...allowedThen]} was current`);
    };
    const quiet = await openLoop({ perSecond, seconds, send });

    let stop = false;
    const changeTimes: number[] = [];
    const changing = (async () => {
      for (let turn = 0; !stop; turn += 1) {
        const one = tenants[turn % tenants.length];
        const target = versions[(Math.floor(turn / tenants.length) + 1) % versions.length];
        if (!one || !target) break;
        one.allowed.add(target);
        const from = performance.now();
        const answer = await one.tenant.api.patch(`/api/v1/installs/${one.installId}`, { range: target });
        if (answer.status !== 200) throw new Error(`upgrade: ${JSON.stringify(answer.body)}`);
        changeTimes.push(performance.now() - from);
        one.allowed = new Set([target]);
      }
    })();
    const busy = await openLoop({ perSecond, seconds, send });
    stop = true;
    await changing;
    if (busy.failed > 0) console.error(busy.failures.join("\n"));
    const median = changeTimes.toSorted((a, b) => a - b)[Math.floor(changeTimes.length / 2)] ?? Number.NaN;
    return [
      { what: `calls at ${perSecond}/s, no upgrades: p99`, value: quiet.p99Ms, unit: "ms", ratio: 1 },
      {
        what: `the same with ${changeTimes.length} upgrades and roll-backs in ${seconds} s: p99`,
        value: busy.p99Ms,
        unit: "ms",
        ratio: busy.p99Ms / quiet.p99Ms,
      },
      { what: `failed or stale answers of ${busy.sent} calls`, value: busy.failed, unit: "calls", goal: "0" },
      { what: "one upgrade, request to answer", value: median, unit: "ms", goal: "≤ 250 (install)" },
    ];
  } finally {
    await host.stop();
  }
}
